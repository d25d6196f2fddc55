import { describe, expect, test } from 'vitest';
import { type Diagnosis, formatOutcome, type MetricsProvider, type Outcome, type PlatformNote, Shepherd } from '../index.js';
import { countingMetrics } from '../steps/__fixtures__/counting-metrics.js';
import { createMemoryPlatform, type MemoryPlatform, type MemoryVersion } from '../testing/index.js';
import { guideVerification } from './index.js';

const hash = (version: string): string => `hash-${version}`;
const items = { path: '/api/items', json: { items: [] } };
const checks = guideVerification({ api: items });
const answering =
  (path: string, answer: { readonly status?: number; readonly text?: string }): MemoryVersion['reply'] =>
  (asked) =>
    asked === path ? answer : asked === items.path ? { text: '{"items":[]}' } : {};

interface Lab {
  readonly platform: MemoryPlatform;
  /** Once the pods of revision 4 are up and the verifications begin. */
  readonly whenUp?: (platform: MemoryPlatform) => void;
  readonly metrics?: MetricsProvider;
}

function lab(four: MemoryVersion = {}): MemoryPlatform {
  const well = { reply: answering('', {}) };
  const platform = createMemoryPlatform({ replicas: 3, version: '5', versions: { '5': well, '3': well, '4': { ...well, ...four } } });
  const app = platform.app();
  app.history.splice(0, 1, '5', '4', '3');
  for (const version of app.history) app.marks.set(hash(version), { verified: true });
  return platform;
}

async function rollBack({ platform, whenUp, metrics }: Lab): Promise<Outcome> {
  const rollout = new Shepherd({ platform, ...(metrics === undefined ? {} : { metrics }) }).rollback({ app: 'web', checks });
  let attempt = 0;
  rollout.on('attempt-start', ({ number }) => void (attempt = number));
  rollout.on('step-start', ({ step }) => (step.kind === 'verify' && attempt === 1 ? whenUp?.(platform) : undefined));
  return rollout.outcome;
}

/** Whatever time it is, something is wrong with the first pod. */
const noting = (platform: MemoryPlatform, note: (pod: string) => Partial<PlatformNote>): MemoryPlatform => ({
  ...platform,
  diagnosis: {
    ...(platform.diagnosis as Diagnosis),
    notes: async ({ clock }) => {
      const { version = '', pods = [] } = platform.app().stable ?? {};
      const at = new Date(clock.now().getTime() + 1_000).toISOString();
      const base = { at, level: 'warning', reason: 'FailedMount', message: 'no volume', count: 1 } as const;
      return version === '4' ? [{ ...base, object: `Pod ${pods[0]?.name}`, ...note(pods[0]?.name ?? '') }] : [];
    },
  },
});

/** Errors of the app, while this revision serves. */
function counting(platform: MemoryPlatform, version: string, share: number): MetricsProvider {
  const none = countingMetrics(platform.clock, { rate: 100, errors: { stable: 0, candidate: 0 } });
  let errors = 0;
  return {
    ...none,
    async read(request, context) {
      const reading = await none.read(request, context);
      if (reading.kind !== 'counters') return reading;
      if (platform.app().stable?.version === version) errors += Math.round(1_500 * share);
      return { ...reading, targets: reading.targets.map((target) => ({ ...target, errors })) };
    },
  };
}

const failOne = (platform: MemoryPlatform): void => {
  const app = platform.app();
  app.write(() => {
    if (app.stable !== undefined) app.stable.pods = app.stable.pods.map((pod, index) => (index === 0 ? { ...pod, failsAtMs: app.clock.monotonicMs() } : pod));
  });
};
const shrink = (platform: MemoryPlatform): void => {
  const app = platform.app();
  app.write(() => app.stable && (app.stable.wanted = 2));
};

describe('each of the six verifications fails an attempt alone, and is named (guide F8–F13)', () => {
  test('none of them: the first attempt stands', async () => {
    const platform = lab();
    const outcome = await rollBack({ platform, metrics: counting(platform, '4', 0) });
    expect(outcome, formatOutcome(outcome)).toMatchObject({ kind: 'succeeded', to: { hash: hash('4') } });
  });

  test.each<readonly [string, string, RegExp, () => Lab]>([
    ['all pods running and ready', 'pods', /2 of 3 pods of stable are ready/, () => ({ platform: lab(), whenUp: failOne })],
    ['health 200', 'health', /answered 503 to \/api\/health/, () => ({ platform: lab({ reply: answering('/api/health', { status: 503 }) }) })],
    [
      'the API answers validly',
      'api',
      /items = "none", expected a list/,
      () => ({ platform: lab({ reply: answering(items.path, { text: '{"items":"none"}' }) }) }),
    ],
    ['metrics reachable', 'metrics', /answered 404 to \/metrics/, () => ({ platform: lab({ reply: answering('/metrics', { status: 404 }) }) })],
    ['as many replicas as meant', 'replicas', /2 ready pods, the app is meant to have 3/, () => ({ platform: lab(), whenUp: shrink })],
    ['quiet: pods that fall over', 'quiet', /pods of stable are ready|restarted/, () => ({ platform: lab({ crashesAfterMs: 20_000 }) })],
    ['quiet: a warning about a pod', 'quiet', /FailedMount: no volume/, () => ({ platform: noting(lab(), () => ({})) })],
    [
      'quiet: a request that fails',
      'quiet',
      /^quiet: 2 of [\d.]+ requests failed$/,
      () => {
        const platform = lab();
        return { platform, metrics: counting(platform, '4', 0.001) };
      },
    ],
  ])('%s', async (_what, check, reason, make) => {
    const made = make();
    const outcome = await rollBack(made);
    const [attempt] = outcome.attempts ?? [];
    expect(attempt?.cause, formatOutcome(outcome)).toMatchObject({
      kind: 'verdict',
      verdict: { kind: expect.stringMatching(/fail|error/), check: `shepherd/${check}` },
    });
    expect(formatOutcome(outcome)).toMatch(new RegExp(`tried: .*${check}: `));
    expect(attempt?.cause.kind === 'verdict' && 'reason' in attempt.cause.verdict ? `${check}: ${attempt.cause.verdict.reason}` : '').toMatch(reason);
  });

  test('what went before, or is about pods that had to go, is no news', async () => {
    const old = noting(lab(), () => ({ at: '2020-01-01T00:00:00Z' }));
    expect(await rollBack({ platform: old })).toMatchObject({ to: { hash: hash('4') } });
    const others = noting(lab(), () => ({ object: 'Pod web-gone' }));
    expect(await rollBack({ platform: others })).toMatchObject({ to: { hash: hash('4') } });
    const routine = noting(lab(), () => ({ level: 'info' }));
    expect(await rollBack({ platform: routine })).toMatchObject({ to: { hash: hash('4') } });
  });

  test('metrics and events that cannot be read stop no rollback, and that is said (RR RB-7)', async () => {
    const platform = lab();
    const silent: MetricsProvider = { ...counting(platform, '4', 0), read: () => Promise.reject(new Error('down')) };
    const notes = async (): Promise<never> => Promise.reject(new Error('no right'));
    const blind = { ...platform, diagnosis: { ...(platform.diagnosis as Diagnosis), notes } };
    const rollout = new Shepherd({ platform: blind, metrics: silent }).rollback({ app: 'web', checks });
    const said: string[] = [];
    for await (const event of rollout) if (event.type === 'step-end') said.push(...(event.verdict.evidence?.notes ?? []));
    expect(await rollout.outcome).toMatchObject({ kind: 'succeeded', to: { hash: hash('4') } });
    expect(said).toEqual(['events could not be read: no right', 'requests could not be counted']);
  });
});

test('a database that is down ends the cascade at once: no other version would mend that', async () => {
  const platform = lab({ reply: (path) => (path === '/api/health' ? { status: 503, text: '{"status":"sick","database":"disconnected"}' } : {}) });
  const { database } = await import('./index.js');
  const outcome = await new Shepherd({ platform }).rollback({ app: 'web', checks: [database()] }).outcome;
  expect(outcome).toMatchObject({ kind: 'rollback-failed', attempts: [{ environment: 'dependency' }], error: { facts: { why: 'environment' } } });
});
