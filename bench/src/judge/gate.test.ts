import { expect, test } from 'vitest';
import { beaten } from './gate.js';

const score = (family: string, policy: string, falseAborts: number, missed: number) => ({ family, policy, falseAborts, missed });

test('each family says which rule is nearest, and each rule that is not beaten, explained or not', () => {
  const gates = beaten([
    score('iid', 'Shepherd', 0.2, 30),
    score('iid', 'guide', 1, 70),
    score('iid', 'ratio', 32, 19),
    score('iid', 'oracle', 0, 1),
    score('cold', 'Shepherd', 40, 27),
    score('cold', 'guide', 1, 59),
    score('cold', 'ratio', 76, 12),
    score('new', 'Shepherd', 5, 5),
    score('new', 'guide', 1, 2),
    score('new', 'Shepherd, early', 0, 0),
  ]);
  expect(gates.map(({ gate, seen, limit, holds }) => [gate, seen, limit, holds])).toEqual([
    ['iid: every other rule is beaten, the nearest is ratio', 30.2, '< 51', true],
    ['cold: 1 of 2 other rules are beaten, the nearest is ratio', 67, '< 88', true],
    ['cold: guide is beaten', 67, '< 60', true],
    ['new: guide is beaten', 10, '< 3', false],
  ]);
  expect(gates.flatMap(({ why }) => (why === undefined ? [] : [why]))).toHaveLength(1);
});
