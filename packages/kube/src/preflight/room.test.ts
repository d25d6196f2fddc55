import { expect, test } from 'vitest';
import { container, deployment } from '../__fixtures__/make.js';
import { amountOf, amountText } from './quantity.js';
import { newcomersOf, type Quota, surgeOf, tightQuotas } from './room.js';

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

const pods = (count: number, resources: object = {}) => ({ pods: count, template: deployment({ containers: [container({ resources })] }).spec.template });

test('only a quota without room for the surge is named', () => {
  expect(tightQuotas([quota({ pods: '8' }, { pods: '6' })], pods(2))).toEqual([]);
  expect(tightQuotas([quota({ pods: '7' }, { pods: '6' }, { scopes: ['BestEffort'] })], pods(2))).toEqual([]);
  expect(tightQuotas([quota({ pods: '7' }, { pods: '6' })], pods(0))).toEqual([]);
  expect(tightQuotas([quota({ pods: '7' }, { pods: '6' })], pods(2))).toMatchObject([
    { id: 'zd/quota', level: 'error', path: 'status.hard[pods]', fix: 'raise pods of the quota to 8, or scale the app down first' },
  ]);
});

test('cpu and memory count by requests and limits, and pods that say nothing about them are refused', () => {
  const resources = { requests: { cpu: '500m' }, limits: { memory: '256Mi' } };
  const hard = { 'requests.cpu': '2', 'limits.memory': '1Gi' };
  expect(tightQuotas([quota(hard, { 'requests.cpu': '1', 'limits.memory': '512Mi' })], pods(2, resources))).toEqual([]);
  expect(tightQuotas([quota(hard, { 'requests.cpu': '1500m', 'limits.memory': '768Mi' })], pods(2, resources))).toMatchObject([
    { message: expect.stringContaining('room for 500m more requests.cpu (1500m of 2 used), the update takes 1') },
    { message: expect.stringContaining('room for 256Mi more limits.memory (768Mi of 1Gi used), the update takes 512Mi') },
  ]);
  expect(tightQuotas([quota({ 'requests.cpu': '9' }, {})], pods(1))).toMatchObject([{ message: expect.stringContaining('say nothing about it') }]);
});

test('a preview needs room among the Services', () => {
  const newcomers = newcomersOf(deployment(), { candidate: true, autoscaler: false, isolated: true });
  expect(newcomers.pods).toBe(3);
  expect(tightQuotas([quota({ 'count/services': '2' }, { 'count/services': '2' })], newcomers)).toMatchObject([{ path: 'status.hard[count/services]' }]);
});

test.each([
  ['500m', 0.5],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['2e3', 2_000],
  ['1k', 1_000],
  ['.5', 0.5],
  [2, 2],
  ['', Number.NaN],
  ['2 cpus', Number.NaN],
])('%s is %d', (text, number) => expect(amountOf(text)).toBe(number));

test.each([
  ['cpu', 1.25, '1250m'],
  ['cpu', 2, '2'],
  ['memory', 1.5 * 2 ** 30, '1.5Gi'],
  ['limits.memory', 2 ** 28, '256Mi'],
  ['memory', 12, '12'],
])('%s %d is written %s', (resource, amount, text) => expect(amountText(resource, amount)).toBe(text));
