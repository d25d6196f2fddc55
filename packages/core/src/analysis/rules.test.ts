import { expect, test } from 'vitest';
import type { AnalysisOptions } from '../plan/step.js';
import { rulesOf } from './rules.js';

const rules = (options: AnalysisOptions, pollSeconds = 15) => rulesOf({ options, stageSeconds: 300, pollSeconds });
const latency = { quantile: 0.99, max: '500ms' } as const;
/** All that a good release may be taken back for: the sum bounds its chance (AN 4.6). */
const risk = (options: AnalysisOptions): number => {
  const { errors, slow, errorLimit, slowLimit } = rules(options);
  return (errors?.alpha ?? 0) + (errors === undefined ? 0 : slow.alpha) + errorLimit.alpha + (slowLimit?.alpha ?? 0);
};

test('however many metrics are judged, a good release has the same chance: one in twenty at most', () => {
  expect(risk({})).toBeCloseTo(0.05, 12);
  expect(risk({ latency })).toBeCloseTo(0.05, 12);
  expect(risk({ against: 'limits' })).toBeCloseTo(0.01, 12);
});

test('sensitivity moves all levels together', () => {
  for (const options of [{}, { latency }]) {
    expect(risk({ ...options, sensitivity: 'low' })).toBeCloseTo(0.0125, 12);
    expect(risk({ ...options, sensitivity: 'high' })).toBeCloseTo(0.125, 12);
  }
});

test('a limit is what the user says, the guide’s where he says nothing', () => {
  expect(rules({}).errorLimit.p0).toBe(0.05);
  expect(rules({ errorRate: { max: 0.02 } }).errorLimit.p0).toBe(0.02);
  expect(rules({ latency }).slowLimit?.p0).toBeCloseTo(0.01, 12);
});

test('polls of another length: the same hazard and the same minute (AN 1.3)', () => {
  const at = (pollSeconds: number): readonly (number | undefined)[] => [rules({}, pollSeconds).errors?.hazard, rules({}, pollSeconds).window];
  expect(at(15)).toEqual([1 / 40, 4]);
  expect(at(1)).toEqual([1 / 600, 60]);
  expect(at(60)).toEqual([1 / 10, 1]);
  expect(at(600)).toEqual([1 / 4, 1]);
});
