import { expect, test } from 'vitest';
import { type MetricsProvider, type Notifier, RollingUpdate, Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';
import { baseline, signsOf } from './index.js';

interface LabOptions extends Pick<MetricsProvider, 'alerts' | 'alertRules'> {
  readonly answer?: 'sent' | 'refused';
}

function lab({ answer = 'sent', ...provided }: LabOptions = {}) {
  const memory = createMemoryPlatform({ replicas: 2 });
  const kept: Record<string, unknown> = {};
  const platform = {
    ...memory,
    baselines: {
      read: async () => kept,
      write: async (_: unknown, hash: string, value: object) => void (kept[hash] = value),
    },
  };
  const metrics: MetricsProvider | undefined =
    Object.keys(provided).length === 0
      ? undefined
      : { specificationVersion: 'v1', name: 'm', lag: '0s', read: async (request) => ({ kind: 'counters', at: request.at, targets: [] }), ...provided };
  const chat: Notifier = {
    specificationVersion: 'v1',
    name: 'chat',
    send: async () => (answer === 'sent' ? { kind: 'sent' } : { kind: 'refused', why: 'channel_not_found' }),
  };
  return { memory, kept, shepherd: new Shepherd({ platform, metrics, notifiers: [chat] }) };
}

test('the baseline of what serves, and of nothing else', async () => {
  const { shepherd, memory } = lab();
  await using _ = shepherd;
  expect((await signsOf(shepherd, 'web')).baseline).toBeUndefined();
  const { now } = await baseline(shepherd, 'web', { requests: 5, concurrency: 1 });
  expect((await signsOf(shepherd, 'web')).baseline).toEqual(now);
  await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new RollingUpdate() }).outcome;
  expect(memory.app('web').stable?.version).toBe('1.1.0');
  expect((await signsOf(shepherd, 'web')).baseline).toBeUndefined();
});

test('alerts as the provider knows them; one that fails is no silence', async () => {
  expect((await signsOf(lab().shepherd, 'web')).alerts).toBeUndefined();
  expect((await signsOf(lab({ alerts: async () => ['HighErrorRate'] }).shepherd, 'web')).alerts).toEqual(['HighErrorRate']);
  const failed = await signsOf(lab({ alerts: () => Promise.reject(new Error('reset')) }).shepherd, 'web');
  expect(failed).toMatchObject({ alerts: undefined, alertsUnread: expect.stringContaining('reset') });
});

test('rules that alert, the same way, and each read by itself', async () => {
  expect((await signsOf(lab().shepherd, 'web')).alertRules).toBeUndefined();
  const { shepherd } = lab({ alerts: () => Promise.reject(new Error('reset')), alertRules: async () => [{ name: 'HighErrorRate' }] });
  expect(await signsOf(shepherd, 'web')).toMatchObject({ alertRules: [{ name: 'HighErrorRate' }], alerts: undefined });
  const failed = await signsOf(lab({ alertRules: () => Promise.reject(new Error('reset')) }).shepherd, 'web');
  expect(failed).toMatchObject({ alertRules: undefined, alertRulesUnread: expect.stringContaining('reset') });
});

test('notices that nobody got: those of the channels that are asked for', async () => {
  const { shepherd } = lab({ answer: 'refused' });
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new RollingUpdate() }).outcome;
  const { undelivered } = await signsOf(shepherd, 'web');
  expect(undelivered.map(({ notifier, type, rolloutId }) => [notifier, type, rolloutId])).toContainEqual(['chat', 'deploy.succeeded', outcome.rolloutId]);
  expect(undelivered[0]?.why).toContain('channel_not_found');
  await shepherd.close();
});
