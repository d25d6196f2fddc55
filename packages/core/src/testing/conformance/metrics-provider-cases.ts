import assert from 'node:assert/strict';
import { systemClock } from '../../internal/system-clock.js';
import type { PortContext } from '../../ports/context.js';
import type { Counts, MetricsProvider, MetricsReading, MetricsRequest } from '../../ports/metrics-provider.js';
import { parseDuration } from '../../words/duration.js';
import type { TrackName } from '../../words/revision.js';
import type { Case } from './case.js';
import { type Answer, type Asked, startDouble } from './double.js';
import { against, endsWithSignal } from './plugin-scene.js';

/** What the backend holds of each track. */
type Held = Readonly<Record<TrackName, Counts | 'no-data'>>;

const request: MetricsRequest = {
  at: '2026-01-01T00:10:00.000Z',
  since: '2026-01-01T00:09:00.000Z',
  bounds: [0.5],
  tracks: {
    stable: { revision: 'rev-of-stable', pods: ['web-stable-1'], labels: { app: 'web', track: 'stable' } },
    candidate: { revision: 'rev-of-candidate', pods: ['web-candidate-1'], labels: { app: 'web', track: 'candidate' } },
  },
};
const held: Held = { stable: { requests: 1_000, errors: 10, slow: [50] }, candidate: { requests: 100, errors: 7, slow: [9] } };
const zero: Counts = { requests: 0, errors: 0, slow: [0] };

const contextOf = (signal: AbortSignal = new AbortController().signal): PortContext => ({
  app: { cluster: 'test', namespace: 'shop', name: 'web' },
  rolloutId: 'conformance',
  signal,
  clock: systemClock,
});

/** Which track a request is about, by whatever it names of it. Undefined: it names both or neither. */
function trackOf({ path, query, body }: Asked): TrackName | undefined {
  const text = [path, ...query.values(), body].join('\n');
  const named = (['stable', 'candidate'] as const).filter((track) => {
    const { revision = '', pods = [] } = request.tracks[track] ?? {};
    return [revision, ...pods, `track="${track}"`, `track:${track}`, `track=${track}`].some((name) => text.includes(name));
  });
  return named.length === 1 ? named[0] : undefined;
}

/** Counts of each track, whatever the kind of reading; a track without any is undefined. */
function countsOf(reading: MetricsReading): Readonly<Record<TrackName, Counts | undefined>> {
  assert.notEqual(reading.kind, 'unavailable', reading.kind === 'unavailable' ? `${reading.reason}: ${reading.detail}` : '');
  if (reading.kind === 'unavailable') throw new Error('unreachable');
  if (reading.kind === 'increments') return reading.tracks;
  const sum = (track: TrackName): Counts | undefined => {
    const targets = reading.targets.filter((target) => target.track === track);
    const add = (of: (counts: Counts) => number): number => targets.reduce((total, target) => total + of(target), 0);
    return targets.length === 0
      ? undefined
      : { requests: add(({ requests }) => requests), errors: add(({ errors }) => errors), slow: request.bounds.map((_, i) => add(({ slow }) => slow[i] ?? 0)) };
  };
  return { stable: sum('stable'), candidate: sum('candidate') };
}

/** It gave no number: what core takes for an error, never for a good sign. */
const assertNoCounts = (reading: MetricsReading | undefined, why: string): void =>
  assert.ok(reading === undefined || reading.kind === 'unavailable', `${why}: it read ${JSON.stringify(reading)}`);

/**
 * The contract of a metrics provider. `create` makes yours for the URL of a loopback backend; `answer` says how your backend would put these counts in answer
 * to a request (an object is sent as JSON, text as it is). Each request must name what it asks for: a track by revision, pods or labels.
 */
export function metricsProviderCases(
  create: (url: string) => MetricsProvider,
  answer: (request: Asked, counts: Counts | 'no-data') => unknown,
): readonly Case[] {
  const backend =
    (of: Held) =>
    (asked: Asked): Answer => ({ body: answer(asked, of[trackOf(asked) ?? 'stable']) });
  const read = async (of: Held, what: MetricsRequest = request): Promise<MetricsReading> => {
    await using double = await startDouble(backend(of));
    return await create(double.url).read(what, contextOf());
  };
  const sentences: Readonly<Record<string, () => Promise<void>>> = {
    'metrics: it says what it is, and how late its backend is': async () => {
      const { specificationVersion, name, lag } = create('http://127.0.0.1:9');
      assert.equal(specificationVersion, 'v1');
      assert.notEqual(name, '');
      assert.notEqual(parseDuration(lag), undefined, `lag ${lag} is no duration`);
    },

    'metrics: each track has its own counts': async () => {
      assert.deepEqual(countsOf(await read(held)), held);
    },

    'metrics: a zero is a zero': async () => {
      assert.deepEqual(countsOf(await read({ stable: held.stable, candidate: zero })), { stable: held.stable, candidate: zero });
    },

    'metrics: it reads at the time that was asked for': async () => {
      const reading = await read(held);
      assert.ok(reading.kind !== 'unavailable', JSON.stringify(reading));
      assert.equal(Date.parse(reading.at), Date.parse(request.at));
      if (reading.kind === 'increments') assert.equal(Date.parse(reading.since), Date.parse(request.since));
      else for (const { sampledAt } of reading.targets) assert.ok(Date.parse(sampledAt) <= Date.parse(request.at), `a sample of ${sampledAt}`);
    },

    'metrics: a track that was not asked for has no counts': async () => {
      const { candidate } = request.tracks;
      assert.deepEqual(countsOf(await read(held, { ...request, tracks: { stable: undefined, candidate } })), { stable: undefined, candidate: held.candidate });
    },

    'metrics: no data is unavailable, never a zero': async () => {
      const reading = await read({ stable: 'no-data', candidate: 'no-data' });
      assert.equal(reading.kind === 'unavailable' ? reading.reason : JSON.stringify(reading), 'no-data');
    },

    'metrics: no data of one track is no zero either': async () => {
      const reading = await read({ stable: held.stable, candidate: 'no-data' });
      if (reading.kind !== 'unavailable') assert.equal(countsOf(reading).candidate, undefined);
    },

    'metrics: an answer that is an error gives no counts': async () => {
      for (const status of [400, 401, 429, 500, 503]) {
        const bad = (asked: Asked): Answer => ({ status, body: answer(asked, zero) });
        assertNoCounts(await against(bad, (url) => create(url).read(request, contextOf())), `after a ${status}`);
      }
    },

    'metrics: an answer that makes no sense gives no counts': async () => {
      for (const body of ['', '<html>gateway</html>', '{"status":"error"}', 'null']) {
        assertNoCounts(
          await against(
            () => ({ body }),
            (url) => create(url).read(request, contextOf()),
          ),
          `after ${JSON.stringify(body)}`,
        );
      }
    },

    'metrics: a backend that is down gives no counts': async () => {
      assertNoCounts(await against('down', (url) => create(url).read(request, contextOf())), 'without a backend');
    },

    'metrics: a read ends with its signal': () =>
      endsWithSignal(
        () => 'hang',
        (url, signal) => create(url).read(request, contextOf(signal)),
      ),
  };
  return Object.entries(sentences).map(([name, run]) => ({ name, run }));
}
