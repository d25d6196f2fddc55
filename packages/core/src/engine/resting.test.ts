import { expect, test } from 'vitest';
import { BlueGreen, Canary, RollingUpdate, type RolloutEvent, Shepherd, type Strategy, toMs } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';
import type { AppRecord } from './record.js';

const signal = new AbortController().signal;

/** What the record says at the start of each step: `rest`, or how long it may stand without a driver. */
async function alongTheWay(strategy: Strategy, versions = {}): Promise<readonly string[]> {
  const platform = createMemoryPlatform({ replicas: 6, versions });
  const shepherd = new Shepherd({ platform });
  const rollout = shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy, unwatched: '7m' });
  const said: string[] = [];
  rollout.on('step-start', async (event: RolloutEvent<'step-start'>) => {
    const { step, index } = event;
    const app = event.app;
    const saved = await platform.journal.load({ app, rolloutId: undefined, signal, clock: platform.clock });
    const { unwatchedDeadline } = (saved?.record as AppRecord).current;
    const left = unwatchedDeadline === undefined ? 'rest' : String(Date.parse(unwatchedDeadline) - Date.parse(event.at));
    said[said.length] = `${index} ${step.kind}${step.kind === 'shift' ? ` ${step.weight}` : ''}: ${left}`;
  });
  await rollout.outcome;
  return said;
}

const m7 = String(toMs('7m'));

test('canary: somebody must watch from the first traffic on until stable runs the new version and was verified', async () => {
  expect(await alongTheWay(new Canary({ stages: [50, 100], interval: '1m', analysis: false }))).toEqual([
    '0 apply: rest',
    `1 shift 50: ${m7}`,
    `2 smoke: ${m7}`,
    `3 analyse: ${m7}`,
    `4 shift 100: ${m7}`,
    `5 analyse: ${m7}`,
    `6 promote: ${m7}`,
    `7 ready: ${m7}`,
    `8 verify: ${m7}`,
    '9 shift 0: rest',
    '10 verify: rest',
    '11 retire: rest',
  ]);
});

test('blue/green: not before the switch', async () => {
  const said = await alongTheWay(new BlueGreen({ soak: '1m' }));
  expect(said.slice(0, 4)).toEqual(['0 apply: rest', '1 ready: rest', '2 smoke: rest', `3 shift 100: ${m7}`]);
  expect(said.slice(-3).every((line) => line.endsWith('rest'))).toBe(true);
});

test('rolling: from the first pod on; the way back needs somebody until the old template is there again', async () => {
  expect(await alongTheWay(new RollingUpdate())).toEqual([`0 roll: ${m7}`, `1 verify: ${m7}`]);
  const back = await alongTheWay(new RollingUpdate(), { '1.1.0': { doomed: 'CrashLoopBackOff' } });
  expect(back).toEqual([`0 roll: ${m7}`, `0 restore: ${m7}`, '1 verify: rest']);
});

test('as long as somebody drives, the deadline moves on; nothing is stored more often for it than thrice in its length', async () => {
  const platform = createMemoryPlatform({ replicas: 6 });
  const strategy = new Canary({ stages: [50, 100], interval: '40m', analysis: false });
  const rollout = new Shepherd({ platform }).deploy({ app: 'web', release: { version: '1.1.0' }, strategy, timeout: '3h' });
  const outcome = rollout.outcome;
  let ended = false;
  void outcome.then(() => (ended = true));
  const { targets } = await rollout.started;
  const app = targets[0];
  const left: number[] = [];
  while (!ended) {
    await platform.clock.sleep(10_000);
    const saved = await platform.journal.load({ app, rolloutId: undefined, signal, clock: platform.clock });
    const { unwatchedDeadline, weight } = (saved?.record as AppRecord).current;
    if (unwatchedDeadline !== undefined && weight > 0) left.push(Date.parse(unwatchedDeadline) - platform.clock.now().getTime());
  }
  expect((await outcome).kind).toBe('succeeded');
  expect(left.length).toBeGreaterThan(400);
  expect(Math.min(...left)).toBeGreaterThanOrEqual(toMs('5m') / 2);
  const saves = platform.calls.filter(({ name }) => name === 'journal.save').length;
  expect(saves).toBeLessThan(30 + 3 * (80 / 5));
});
