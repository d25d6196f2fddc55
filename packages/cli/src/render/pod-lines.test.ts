import type { PodState } from '@shepherd/core';
import { expect, test } from 'vitest';
import { noteLines } from './note-lines.js';
import { podLine, podTable } from './pod-lines.js';

const pod: PodState = {
  name: 'web-1',
  workload: 'web',
  track: 'candidate',
  images: ['r/web:1.1.0'],
  ready: 0,
  containers: 1,
  state: 'ContainerCreating',
  restarts: 0,
  createdAt: '2026-01-01T00:00:00Z',
};

test('a table as people know it', () => {
  expect(podTable([pod, { ...pod, name: 'web-longer', ready: 1, state: 'Running', restarts: 12 }], Date.parse('2026-01-01T00:03:10Z'))).toEqual([
    '  POD         TRACK      READY  STATUS             RESTARTS  AGE  IMAGE',
    '  web-1       candidate  0/1    ContainerCreating  0         3m   r/web:1.1.0',
    '  web-longer  candidate  1/1    Running            12        3m   r/web:1.1.0',
  ]);
});

test('a change says what differs', () => {
  expect(podLine({ kind: 'came', pod })).toBe('+ web-1  candidate  r/web:1.1.0  0/1 ready  ContainerCreating');
  expect(podLine({ kind: 'changed', before: pod, pod: { ...pod, state: 'Running', ready: 1, restarts: 1 } })).toBe(
    '  web-1  candidate  ContainerCreating → Running  0/1 ready → 1/1 ready  1 restarts',
  );
  expect(podLine({ kind: 'went', before: pod })).toBe('- web-1  candidate  gone');
});

test('events: the newest last, repeats counted, one line each', () => {
  const note = { at: '2026-01-01T00:00:00.000Z', level: 'warning', object: 'Pod web-1', reason: 'BackOff', message: 'back-off\nrestarting', count: 3 } as const;
  expect(noteLines([note])).toEqual(['  events', '    2026-01-01 00:00:00  warning  Pod web-1  BackOff ×3: back-off restarting']);
  expect(noteLines([])).toEqual(['  events: none since it began']);
});
