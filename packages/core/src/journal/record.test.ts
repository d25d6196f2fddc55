import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAppRecord } from '../engine/read-record.js';
import type { AppRecord, RolloutRecord } from '../engine/record.js';
import { Canary, Shepherd, ShepherdError } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';
import { bytesOf } from './bytes.js';
import { decode, encode, schema } from './stored.js';

const app = { cluster: 'memory', namespace: 'default', name: 'web' };
const dir = new URL('./__fixtures__/', import.meta.url);

/** Records as they were written by the Shepherd of that schema; each schema that was ever released has some here for good. */
const recorded: readonly (readonly [string, string])[] = readdirSync(dir).flatMap((version) =>
  readdirSync(new URL(`${version}/`, dir)).map((file) => [`${version}/${file}`, readFileSync(new URL(`${version}/${file}`, dir), 'utf8')] as const),
);
const read = (text: string): AppRecord => readAppRecord({ record: JSON.parse(text) as unknown, version: '1' }, app) as AppRecord;
const error = (record: unknown): ShepherdError => {
  try {
    readAppRecord({ record, version: '1' }, app);
  } catch (caught) {
    if (ShepherdError.is(caught, 'ERR_JOURNAL')) return caught;
    throw caught;
  }
  throw new Error('it was read');
};

describe('records of older schemas', () => {
  test('there are some', () => expect(recorded.length).toBeGreaterThanOrEqual(4));

  test.each(recorded)('%s is read with all that it holds, and written as one of the present schema that reads the same', (_name, text) => {
    const { schema: _, ...before } = JSON.parse(text) as AppRecord & { schema: number };
    const { schema: now, ...record } = read(text) as AppRecord & { schema: number };
    expect([now, record]).toEqual([schema, before]);
    const written = JSON.stringify(encode(record));
    expect(JSON.parse(written)).toMatchObject({ schema });
    expect(written.length).toBeLessThan(text.length * 0.85);
    expect(read(written)).toEqual({ schema, ...record });
  });

  test.each(recorded.filter(([, text]) => (JSON.parse(text) as AppRecord).current.phase !== 'ended'))('%s is taken over and ended', async (_name, text) => {
    const { current } = read(text);
    const platform = createMemoryPlatform({ version: '1.2.0' });
    const signal = new AbortController().signal;
    await platform.journal.save({ app, rolloutId: current.id, signal, clock: platform.clock, fence: 1 }, JSON.parse(text), undefined);
    const lease = await platform.lock.acquire({ app, rolloutId: current.id, signal, clock: platform.clock }, 'the old one');
    if ('release' in lease) await lease.release();
    const shepherd = new Shepherd({ platform });
    const rollout = await shepherd.get(current.id);
    await rollout.abort({ reason: 'the old Shepherd is gone' });
    expect((await rollout.outcome).kind).toBe('rolled-back');
    const saved = await platform.journal.load({ app, rolloutId: undefined, signal, clock: platform.clock });
    expect(saved?.record).toMatchObject({ schema, current: { phase: 'ended' } });
    const events = readAppRecord(saved, app)?.current.events ?? [];
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThan(current.events.length);
  });
});

describe('a record that cannot be used says what is wrong with it', () => {
  const good = (): Record<string, unknown> & { current: Record<string, unknown> } =>
    JSON.parse(recorded.find(([name]) => name === 'v1/back.json')?.[1] ?? '{}');
  const edit = (change: (record: ReturnType<typeof good>) => void): unknown => {
    const record = good();
    change(record);
    return record;
  };

  test.each<readonly [string, unknown, string]>([
    ['nothing', null, 'no object'],
    ['a text', 'record', 'no object'],
    ['a list', [], 'no object'],
    ['no schema', edit((record) => delete record['schema']), 'no schema version'],
    ['a schema that is a text', edit((record) => (record['schema'] = '2')), 'no schema version'],
    ['a newer schema', edit((record) => (record['schema'] = schema + 1)), `schema version ${schema + 1}, this Shepherd knows up to ${schema}`],
    ['a schema that never was', edit((record) => (record['schema'] = 0)), 'schema version 0'],
    ['no rollout', edit((record) => (record['current'] = undefined as never)), 'current is nothing, expected an object'],
    ['a step that is a text', edit(({ current }) => (current['step'] = 'three')), 'current.step is "three", expected a whole number from 0'],
    ['a step before the first', edit(({ current }) => (current['step'] = -1)), 'current.step is -1'],
    ['a deadline that is no time', edit(({ current }) => (current['deadline'] = 'soon')), 'current.deadline is "soon", expected a time'],
    ['an unknown phase', edit(({ current }) => (current['phase'] = 'sideways')), 'expected one of forward, back, ended'],
    ['going back without a cause', edit(({ current }) => delete current['cause']), 'current.cause is nothing'],
    ['ended without an outcome', edit(({ current }) => (current['phase'] = 'ended')), 'current.outcome is nothing'],
    ['no app', edit(({ current }) => (current['apps'] = [])), 'current.apps is [], expected a list that is not empty'],
    [
      'deep inside a plan',
      edit(({ current }) => ((current['plan'] as { steps: { step: { kind: string } }[] }).steps[1]!.step.kind = 'teleport')),
      'current.plan.steps[1].step.kind is "teleport"',
    ],
    [
      'a weight that is a text, deep inside the way back',
      edit(({ current }) => ((current['back'] as { steps: { step: { weight?: unknown } }[] }).steps[0]!.step.weight = '0')),
      'current.back.steps[0].step.weight is "0", expected a number',
    ],
    ['events that go back', edit(({ current }) => ((current['events'] as { sequence: number }[])[3]!.sequence = 1)), 'current.events[3].sequence is 1'],
    ['a past that is no list', edit((record) => (record['past'] = {})), 'past is {}, expected a list'],
    ['no writer', edit((record) => (record['write'] = 7)), 'write is 7, expected an object'],
  ])('%s', (_name, record, says) => {
    const { message, remedy } = error(record);
    expect(message).toContain('memory/default/web');
    expect(message).toContain(says);
    expect(remedy.length).toBeGreaterThan(10);
  });

  test('cut or changed anywhere it is read or refused by name, never anything else', () => {
    const [, text] = recorded[0] as readonly [string, string];
    const paths: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]): void => {
      paths.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [key, each] of Object.entries(value)) walk(each, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    walk(JSON.parse(text), []);
    fc.assert(
      fc.property(fc.constantFrom(...paths.slice(1)), fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 1 })), (path, value) => {
        const record = JSON.parse(text);
        const parent = path.slice(0, -1).reduce((at, key) => at[key], record);
        parent[path.at(-1) as string] = value;
        try {
          readAppRecord({ record, version: '1' }, app);
        } catch (caught) {
          if (!ShepherdError.is(caught, 'ERR_JOURNAL')) throw caught;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is written', () => {
  test('is read back as it was, whatever its events repeat', () => {
    const { current, past } = read(recorded[0]?.[1] ?? '');
    fc.assert(
      fc.property(fc.shuffledSubarray([...current.events]), fc.boolean(), (events, ended) => {
        const record: AppRecord = {
          write: { by: 'w', count: 1 },
          past,
          current: {
            ...current,
            events: events.map((event, index) => ({ ...event, sequence: index + 1 })),
            ...(ended ? {} : { back: current.plan }),
          } as RolloutRecord,
        };
        expect(decode(JSON.parse(JSON.stringify(encode(record))))).toEqual({ schema, ...JSON.parse(JSON.stringify(record)) });
      }),
    );
  });

  test('holds each plan once', async () => {
    const platform = createMemoryPlatform();
    const rollout = new Shepherd({ platform }).deploy({
      app: 'web',
      release: { version: '2.0.0' },
      strategy: new Canary({ stages: [50, 100], interval: '1m', analysis: false }),
    });
    const plan = await rollout.started;
    await rollout.outcome;
    const saved = await platform.journal.load({ app, rolloutId: undefined, signal: new AbortController().signal, clock: platform.clock });
    expect(JSON.stringify(saved?.record).split(plan.hash).length - 1).toBe(1);
    expect(bytesOf(saved?.record)).toBeLessThan(20_000);
  });
});
