import { Canary, type RolloutEvent } from '@shepherd/core';
import { expect, test } from 'vitest';
import { recordEvents } from './__fixtures__/record-events.js';
import { Ledger } from './ledger.js';

const strategy = (): Canary => new Canary({ stages: [25, 100], interval: '3m', analysis: false });
const played = (events: readonly RolloutEvent[]): Ledger => {
  const ledger = new Ledger();
  for (const event of events) ledger.take(event);
  return ledger;
};
const outcomeOf = (events: readonly RolloutEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== 'rollout-end') throw new Error('it did not end');
  return last.outcome;
};

test('the result: outcome, exit code, each step with what traffic really was, what it rested on', async () => {
  const events = await recordEvents({ release: { version: '1.1.0' }, strategy: strategy() });
  const ledger = played(events);
  const result = ledger.result(outcomeOf(events), { exitCode: 0, at: '2026-01-01T00:00:00.000Z', undelivered: [] });
  expect(result).toMatchObject({
    schemaVersion: 1,
    type: 'result',
    outcome: 'succeeded',
    kind: 'succeeded',
    exitCode: 0,
    rolloutId: 'memory_shop_web_1',
    undelivered: [],
  });
  expect(result.sequence).toBe(Math.max(...events.map(({ sequence }) => sequence)));
  const ended = events.filter(({ type }) => type === 'step-end');
  expect(result.steps).toHaveLength(ended.length);
  expect(result.steps.every(({ verdict, ms, direction }) => verdict === 'pass' && ms !== undefined && direction === 'forward')).toBe(true);
  expect(result.steps.filter(({ kind }) => kind === 'shift').map(({ asked, weight }) => [asked, weight])).toEqual(
    [
      [25, 25],
      [100, 100],
    ].concat(result.steps.filter(({ kind }) => kind === 'shift').length > 2 ? [[0, 0]] : []),
  );
  expect(result.evidence.length).toBe(ended.filter((event) => event.type === 'step-end' && event.verdict.evidence !== undefined).length);
  expect(result.evidence.length).toBeGreaterThan(0);
});

test('the way back has its own steps, and the verdict that led there its reason', async () => {
  const events = await recordEvents({ release: { version: '1.1.0' }, strategy: strategy() }, { versions: { '1.1.0': { reply: () => ({ status: 503 }) } } });
  const { steps } = played(events);
  const failed = steps.findIndex(({ verdict }) => verdict === 'fail');
  expect(steps[failed]?.reason).toContain('503');
  expect(steps.slice(failed + 1).map(({ direction }) => direction)).toEqual(steps.slice(failed + 1).map(() => 'back'));
  expect(steps.length).toBeGreaterThan(failed + 1);
  expect(steps.at(-1)?.weight).toBe(0);
});

test('without channels there is no list of undelivered notices', async () => {
  const events = await recordEvents({ release: { version: '1.1.0' }, strategy: strategy() });
  expect(played(events).result(outcomeOf(events), { exitCode: 0, at: '' })).not.toHaveProperty('undelivered');
});
