import { Canary, type ObservedRollout, type Observer, type Outcome, Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { type ReleaseFacts, releaseFacts } from './index.js';

/** The facts of each rollout, as an observer of one's own collects them. */
function collector() {
  const facts: ReleaseFacts[] = [];
  const observer: Observer = {
    specificationVersion: 'v1',
    name: 'facts',
    observe: (event, rollout: ObservedRollout) => {
      if (event.type === 'rollout-end') facts.push(releaseFacts(rollout, event.outcome, {}));
    },
  };
  return { facts, observer };
}

test('a release that stays and one that is taken back, with how much traffic met them', async () => {
  const { facts, observer } = collector();
  const platform = createMemoryPlatform({ replicas: 4, versions: { '3': { reply: (path: string) => (path === '/api/health' ? { status: 503 } : {}) } } });
  const shepherd = new Shepherd({ platform, observers: [observer], actor: { name: 'ada', kind: 'human' } });
  const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });
  const metadata = { environment: 'production', commit: 'c0ffee', commitTime: '2026-01-01T00:00:00Z' };
  const outcomes: Outcome[] = [];
  for (const version of ['2', '3']) outcomes.push(await shepherd.deploy({ app: 'web', release: { version }, strategy, metadata }).outcome);
  await shepherd.close();
  const [good, bad] = facts as [ReleaseFacts, ReleaseFacts];
  expect(good).toMatchObject({
    environment: 'production',
    strategy: 'canary',
    commit: 'c0ffee',
    committedAt: '2026-01-01T00:00:00Z',
    outcome: 'succeeded',
    exposure: { maxPercent: 100 },
  });
  expect(good.exposure.seconds).toBeGreaterThan(60);
  expect(Date.parse(good.endedAt) - Date.parse(good.startedAt)).toBe(outcomes[0]?.ms);
  expect(good).not.toHaveProperty('rolledBackTo');
  expect(bad).toMatchObject({ outcome: 'rolled-back', rolledBackTo: outcomes[1]?.from?.images });
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
});
