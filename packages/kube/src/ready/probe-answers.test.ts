import { expect, test } from 'vitest';
import events from '../__fixtures__/events.json' with { type: 'json' };
import { container } from '../__fixtures__/make.js';
import { type KubeEvent, lastSeen, probeAnswer } from './probe-answers.js';

const containers = [container(), container({ name: 'side', livenessProbe: { httpGet: { port: 1 } } })];

test('a recorded event of a probe says what the app answered', () => {
  const said = (events as unknown as KubeEvent[]).map(({ message = '' }) => probeAnswer(message, containers)).toSorted();
  expect(said).toEqual(['liveness GET / answered 503', 'readiness GET /api/health answered 503']);
});

test.each([
  [
    'Readiness probe failed: Get "http://10.1.2.3:8080/api/health": dial tcp 10.1.2.3:8080: connect: connection refused',
    'readiness GET /api/health: connect: connection refused',
  ],
  ['Startup probe failed: command timed out', 'startup: command timed out'],
  ['Readiness probe failed: ', 'readiness GET /api/health: failed'],
  ['Back-off restarting failed container', undefined],
])('%s', (message, expected) => {
  expect(probeAnswer(message, containers)).toBe(expected);
});

test('an event was last seen when its newest shape says so', () => {
  const at = (more: object): string => lastSeen({ metadata: { name: 'e', creationTimestamp: '1' }, ...more });
  expect([
    at({}),
    at({ eventTime: '2', lastTimestamp: null }),
    at({ lastTimestamp: '3', eventTime: null }),
    at({ series: { lastObservedTime: '4' }, lastTimestamp: '3' }),
  ]).toEqual(['1', '2', '3', '4']);
});
