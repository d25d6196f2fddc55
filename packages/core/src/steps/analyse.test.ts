import { describe, expect, test } from 'vitest';
import {
  BlueGreen,
  Canary,
  formatOutcome,
  formatPlan,
  type MetricsHints,
  type MetricsReading,
  RollingUpdate,
  type RolloutEvent,
  Shepherd,
  type Strategy,
} from '../index.js';
import { assertOutcome, createMemoryPlatform, type MemoryPlatform } from '../testing/index.js';
import { type Counting, countingMetrics } from './__fixtures__/counting-metrics.js';

const well = { stable: 0.001, candidate: 0.001 };
const canary = (analysis: ConstructorParameters<typeof Canary>[0]['analysis'] = {}): Canary => new Canary({ stages: [25, 50, 100], interval: '5m', analysis });

function lab(counting: Partial<Counting> = {}, options: Parameters<typeof createMemoryPlatform>[0] = {}) {
  const platform: MemoryPlatform = createMemoryPlatform({ replicas: 4, ...options });
  const metrics = countingMetrics(platform.clock, { rate: 100, errors: well, ...counting });
  const shepherd = new Shepherd({ platform, metrics });
  const events: RolloutEvent[] = [];
  const release = async (strategy: Strategy) => {
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy, timeout: '4h' });
    for await (const event of rollout) events.push(event);
    return rollout.outcome;
  };
  const verdicts = (): readonly string[] =>
    events.flatMap((event) => (event.type === 'step-end' && event.verdict.evidence?.summary.includes('goes') ? [event.verdict.evidence.summary] : []));
  return { platform, metrics, shepherd, events, release, verdicts };
}

describe('a canary that is judged by metrics', () => {
  test('one that is as good as stable goes through, each stage in its time, with its counts', async () => {
    const { release, verdicts, events } = lab();
    const outcome = await release(canary());
    assertOutcome(outcome, 'succeeded');
    expect(verdicts()).toHaveLength(3);
    for (const verdict of verdicts()) expect(verdict).toMatch(/goes on: .*of [\d,]+ requests/);
    const stages = events.flatMap((event) => (event.type === 'step-end' && event.verdict.evidence?.summary.includes('goes on') ? [event.ms] : []));
    for (const ms of stages) expect(ms).toBeLessThan(6 * 60_000);
  });

  test('ten percent of errors are taken back in the first stage, long before its end', async () => {
    const { release, platform } = lab({ errors: { stable: 0.001, candidate: 0.1 } });
    const outcome = await release(canary());
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause, formatOutcome(outcome)).toMatchObject({
      kind: 'verdict',
      verdict: {
        kind: 'fail',
        reason: expect.stringMatching(/^candidate \d+ of \d+ requests failed \(9\.9 %\), 5 % allowed; evidence [\d,]+ : 1, 100 : 1 decides$/),
      },
    });
    expect(outcome.ms).toBeLessThan(3 * 60_000);
    expect(platform.app().serving).toHaveLength(4);
  });

  test('a latency that got worse is taken back, at bounds that were chosen before the first write', async () => {
    const bounds = [
      { seconds: 0.1, slower: 0.3 },
      { seconds: 0.25, slower: 0.05 },
      { seconds: 0.5, slower: 0.01 },
      { seconds: 1, slower: 0.0001 },
    ];
    const { release, metrics } = lab({ bounds, slow: { stable: 0.01, candidate: 0.05 } });
    const outcome = await release(canary());
    assertOutcome(outcome, 'rolled-back');
    expect(formatOutcome(outcome)).toMatch(/candidate \d+ of \d+ requests over 250 ms .* times as many/);
    for (const { bounds: asked } of metrics.reads) expect(asked).toEqual([0.25, 0.5, 1]);
  });

  test.each(['rollback', 'pause', 'promote'] as const)('metrics that never come: %s, and never a pass by silence', async (onInconclusive) => {
    const none: MetricsReading = { kind: 'unavailable', reason: 'no-data', detail: 'no series' };
    const { release, events, metrics } = lab({ instead: () => none });
    const outcome = await release(canary({ onInconclusive }));
    // Where nothing was seen not even the policy promotes: a person is asked, and nobody answers.
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause.kind).toBe('verdict');
    expect(events.some(({ type }) => type === 'pause-start')).toBe(onInconclusive !== 'rollback');
    expect(events.some((event) => event.type === 'weight-change' && event.to > 25)).toBe(false);
    expect(metrics.reads.length).toBeGreaterThan(30);
  });

  test('a provider that hangs, and one that throws, are no data and hold nothing up', async () => {
    const { release, platform } = lab({
      instead: (atMs, startedMs) => (atMs - startedMs < 60_000 ? new Promise(() => undefined) : Promise.reject(new Error('reset'))),
    });
    const outcome = await release(canary({ onInconclusive: 'rollback' }));
    assertOutcome(outcome, 'rolled-back');
    expect(formatOutcome(outcome)).toContain('reset');
    expect(platform.app().serving).toHaveLength(4);
  });

  test('a gap of some polls costs nothing but time', async () => {
    const { release } = lab({
      instead: (atMs, startedMs) =>
        atMs - startedMs > 100_000 && atMs - startedMs < 200_000 ? { kind: 'unavailable', reason: 'unreachable', detail: 'restarts' } : undefined,
    });
    assertOutcome(await release(canary()), 'succeeded');
  });

  test('a process that takes over goes on with what was proven', async () => {
    const { platform, shepherd, metrics } = lab();
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary(), timeout: '4h' });
    await rollout.started;
    await platform.clock.sleep(8 * 60_000);
    await shepherd.close();
    expect((await rollout.outcome).kind).toBe('detached');
    const before = metrics.reads.length;
    const other = new Shepherd({ platform: platform.connect(), metrics });
    const again = await other.get(rollout.id);
    await again.resume();
    const outcome = await again.outcome;
    assertOutcome(outcome, 'succeeded');
    // Three stages of twenty polls, not four.
    expect(metrics.reads.length - before).toBeLessThan(45);
    await other.close();
  });

  test('a process that takes over without a provider lets nothing through', async () => {
    const { platform, shepherd } = lab();
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary({ onInconclusive: 'rollback' }), timeout: '4h' });
    await rollout.started;
    await platform.clock.sleep(60_000);
    await shepherd.close();
    const other = new Shepherd({ platform: platform.connect() });
    const again = await other.get(rollout.id);
    await again.resume();
    const outcome = await again.outcome;
    assertOutcome(outcome, 'rolled-back');
    expect(formatOutcome(outcome)).toContain('no metrics provider');
    await other.close();
  });

  test('skipping the waiting skips no judging, and asks no more often than before', async () => {
    const { platform, shepherd, metrics } = lab({ instead: () => ({ kind: 'unavailable', reason: 'no-data', detail: 'no series' }) });
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary({ onInconclusive: 'rollback' }), timeout: '4h' });
    await rollout.started;
    await platform.clock.sleep(120_000);
    await rollout.promote();
    const calls = platform.calls.length;
    const from = platform.clock.monotonicMs();
    const outcome = await rollout.outcome;
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause.kind, formatOutcome(outcome)).toBe('verdict');
    expect((platform.calls.length - calls) / ((platform.clock.monotonicMs() - from) / 1_000)).toBeLessThan(30);
    expect(metrics.reads.length).toBeLessThan(60);
  });

  test('a person goes on after a pause: the stage has its time anew', async () => {
    const few = { rate: 0.02 };
    const { platform, metrics } = lab(few);
    const shepherd = new Shepherd({ platform, metrics });
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary(), timeout: '4h' });
    let pauses = 0;
    rollout.on('pause-start', async () => {
      pauses += 1;
      if (pauses === 1) await rollout.resume();
      else await rollout.abort();
    });
    const outcome = await rollout.outcome;
    assertOutcome(outcome, 'rolled-back');
    expect([pauses, outcome.cause.kind]).toEqual([2, 'abort']);
    expect(outcome.ms).toBeGreaterThan(2 * 10 * 60_000 - 60_000);
  });
});

describe('what is known beside the counts', () => {
  const withHints = (hints: MetricsHints | Error) => {
    const { platform, metrics } = lab();
    const provider = { ...metrics, hints: async () => (hints instanceof Error ? Promise.reject(hints) : hints) };
    return { platform, shepherd: new Shepherd({ platform, metrics: provider }) };
  };
  const deploy = async (shepherd: Shepherd<never>, options: ConstructorParameters<typeof Canary>[0]['analysis'] = {}) => {
    const events: RolloutEvent[] = [];
    const rollout = shepherd.deploy({ app: 'web', release: { version: '2.0.0' } as never, strategy: canary(options), timeout: '4h' });
    for await (const event of rollout) events.push(event);
    return { outcome: await rollout.outcome, events };
  };

  test('a candidate that is full where stable is not waits, and what happened is in the record', async () => {
    const { shepherd } = withHints({ saturation: { candidate: 0.95, stable: 0.4 }, notes: ['about 12 requests found no pod'] });
    const { outcome, events } = await deploy(shepherd as never, { onInconclusive: 'rollback' });
    assertOutcome(outcome, 'rolled-back');
    expect(formatOutcome(outcome)).toContain('95 % in use (stable 40 %)');
    expect(events.filter((event) => event.type === 'step-progress' && event.message === 'warning: about 12 requests found no pod')).toHaveLength(1);
    expect(JSON.stringify(outcome)).toContain('"notes":["about 12 requests found no pod"]');
  });

  test('without them, and where both tracks are full, it is judged by its counts', async () => {
    for (const hints of [{ saturation: { candidate: 0.95, stable: 0.97 } }, { saturation: { candidate: 0.95 } }, {}, new Error('no cAdvisor')])
      assertOutcome((await deploy(withHints(hints).shepherd as never)).outcome, 'succeeded');
  });
});

test('the watch after a switch, and after a rolling update, goes by limits', async () => {
  for (const strategy of [new BlueGreen({ soak: '5m' }), new RollingUpdate({ soak: '5m' })]) {
    const bad = lab({ errors: { stable: strategy.kind === 'rolling' ? 0.2 : 0.001, candidate: 0.2 } });
    const outcome = await bad.release(strategy);
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause.kind, formatOutcome(outcome)).toBe('verdict');
    assertOutcome(await lab().release(strategy), 'succeeded');
  }
});

describe('before the first write', () => {
  test('the plan says how soon a bad release would show', async () => {
    const { shepherd } = lab();
    const plan = await shepherd.plan({ app: 'web', release: { version: '2.0.0' }, strategy: canary() });
    expect(formatPlan(plan)).toMatch(/at 100 requests\/s and 25 % a fivefold error rate of 0\.1 % shows after about 1 min/);
  });

  test('what preflight finds is refused; so is a canary that nothing judges, and a limit that no bucket tells', async () => {
    const finding = { id: 'prometheus-unreachable', level: 'error', message: 'no answer', fix: 'correct the url' } as const;
    const outcomes = await Promise.all([
      lab({ findings: [finding] }).release(canary()),
      new Shepherd({ platform: createMemoryPlatform() }).deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary() }).outcome,
      lab({ bounds: [{ seconds: 0.1, slower: 0.01 }] }).release(canary({ latency: { quantile: 0.99, max: '500ms' } })),
      lab({ bounds: [{ seconds: 0.1, slower: 0.01 }] }).release(canary({ latency: { quantile: 0.99, max: '50ms' } })),
    ]);
    expect(outcomes.map((outcome) => (outcome.kind === 'failed-untouched' ? outcome.error.code : outcome.kind))).toEqual([
      'ERR_PREFLIGHT',
      'ERR_INVALID_OPTIONS',
      'ERR_INVALID_OPTIONS',
      'ERR_INVALID_OPTIONS',
    ]);
  });

  test('the provider is asked once, not again under the lock', async () => {
    const { platform, metrics } = lab();
    let asked = 0;
    const once = { ...metrics, preflight: async () => ((asked += 1), []) };
    const shepherd = new Shepherd({ platform, metrics: once });
    assertOutcome(await shepherd.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: canary() }).outcome, 'succeeded');
    expect(asked).toBe(1);
  });

  test('analysis: false asks no provider', async () => {
    const { release, metrics } = lab();
    assertOutcome(await release(canary(false)), 'succeeded');
    expect(metrics.reads).toEqual([]);
  });
});
