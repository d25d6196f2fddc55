import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fail, inconclusive, pass, type Verdict, verdictError, worst } from './verdict.js';

const verdicts = fc.array(
  fc.oneof(
    fc.constant(pass()),
    fc.string().map((reason) => fail(reason)),
    fc.string().map((reason) => inconclusive(reason)),
    fc.string().map((reason) => verdictError(reason)),
  ),
);
const order: readonly Verdict['kind'][] = ['pass', 'inconclusive', 'error', 'fail'];

test('the worst verdict wins, whatever the order; it is a pass only where all are (RR PT-9, SM-13)', () => {
  fc.assert(
    fc.property(
      verdicts.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        const { kind } = worst(list);
        expect(worst(shuffled).kind).toBe(kind);
        expect(order.indexOf(kind)).toBe(Math.max(0, ...list.map((verdict) => order.indexOf(verdict.kind))));
      },
    ),
  );
});

test('combining in groups is combining all', () => {
  fc.assert(
    fc.property(verdicts, verdicts, (a, b) => {
      expect(worst([worst(a), worst(b)]).kind).toBe(worst([...a, ...b]).kind);
    }),
  );
});
