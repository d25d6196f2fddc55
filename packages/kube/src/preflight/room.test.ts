import { expect, test } from 'vitest';
import { deployment } from '../__fixtures__/make.js';
import { type Quota, surgeOf, tightQuotas } from './room.js';

test.each([
  [undefined, 2],
  ['25%', 2],
  ['100%', 6],
  [1, 1],
  [0, 0],
])('a surge of %s is %d of 6 pods', (maxSurge, pods) => {
  expect(surgeOf(deployment({ replicas: 6, spec: { strategy: { rollingUpdate: { maxSurge } } } }))).toBe(pods);
});

const quota = (hard: Record<string, string>, used: Record<string, string>, spec = {}): Quota => ({ metadata: { name: 'q' }, spec, status: { hard, used } });

test('only a quota on pods without room for the surge is named', () => {
  expect(tightQuotas([quota({ pods: '8' }, { pods: '6' })], 2)).toEqual([]);
  expect(tightQuotas([quota({ cpu: '1' }, { cpu: '1' })], 2)).toEqual([]);
  expect(tightQuotas([quota({ pods: '7' }, { pods: '6' }, { scopes: ['BestEffort'] })], 2)).toEqual([]);
  expect(tightQuotas([quota({ pods: '7' }, { pods: '6' })], 2)).toMatchObject([
    { id: 'zd/quota', level: 'warning', fix: 'raise pods of the quota to 8, or scale the app down first' },
  ]);
});
