import { expect, test } from 'vitest';
import { isOf, notesOf, type ObjectEvent } from './notes.js';

const event = (name: string, change: Partial<ObjectEvent> = {}): ObjectEvent => ({
  metadata: { name: `${name}.1` },
  involvedObject: { kind: 'Pod', name },
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed',
  lastTimestamp: '2026-01-01T00:01:00Z',
  ...change,
});
const concerns = isOf(['web', 'web-candidate'], [{ kind: 'Service', metadata: { name: 'shop' } }]);

test.each([
  ['Deployment', 'web', true],
  ['Deployment', 'web-candidate', true],
  ['Deployment', 'web-api', false],
  ['ReplicaSet', 'web-5d9c7f', true],
  ['Pod', 'web-5d9c7f-x2x4z', true],
  ['Pod', 'web-candidate-5d9c7f-x2x4z', true],
  ['Pod', 'web-api-5d9c7f-x2x4z', false],
  ['Pod', 'web', false],
  ['Service', 'shop', true],
  ['Service', 'web', false],
])('%s %s concerns web: %s', (kind, name, is) => expect(concerns({ kind, name })).toBe(is));

test('the newest last, since the beginning only, without routine', () => {
  const events = [
    event('web-5d9c7f-x2x4z', { lastTimestamp: '2026-01-01T00:03:00Z', reason: 'BackOff', count: 4 }),
    event('web-5d9c7f-x2x4z', { reason: 'Pulled', type: 'Normal' }),
    event('web-5d9c7f-x2x4z', { lastTimestamp: '2026-01-01T00:00:59Z', message: 'before' }),
    event('web', {
      involvedObject: { kind: 'Deployment', name: 'web' },
      reason: 'ScalingReplicaSet',
      type: 'Normal',
      lastTimestamp: null,
      eventTime: '2026-01-01T00:02:00.123456Z',
    }),
    event('other-5d9c7f-x2x4z', { lastTimestamp: '2026-01-01T00:04:00Z' }),
  ];
  // The rollout began within the second that Kubernetes wrote down as :00.
  expect(notesOf(events, '2026-01-01T00:01:00.700Z', concerns).map(({ at, reason, level, count }) => [at, reason, level, count])).toEqual([
    ['2026-01-01T00:02:00.123Z', 'ScalingReplicaSet', 'info', 1],
    ['2026-01-01T00:03:00.000Z', 'BackOff', 'warning', 4],
  ]);
  expect(notesOf(events, undefined, concerns)).toHaveLength(3);
});

test('what looks like a credential stays behind', () => {
  expect(notesOf([event('web-5d9c7f-x2x4z', { message: 'password=hunter2 refused' })], undefined, concerns)[0]?.message).toBe('password=*** refused');
});
