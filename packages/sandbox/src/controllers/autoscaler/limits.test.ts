import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LimitInput, limit } from './limits.js';
import { remembered, stabilise } from './stabilise.js';

const base: LimitInput = { wanted: 5, current: 5, min: 1, max: 10, behavior: undefined, changes: [], nowMs: 100_000 };
const rules = fc.record({
  selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const),
  policies: fc.array(
    fc.record({
      type: fc.constantFrom('Pods' as const, 'Percent' as const),
      value: fc.integer({ min: 1, max: 200 }),
      periodSeconds: fc.integer({ min: 1, max: 1800 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const behavior = fc.option(fc.record({ scaleUp: rules, scaleDown: rules }), { nil: undefined });

describe('limit', () => {
  it('never leaves the bounds nor goes past what is wanted', () => {
    const cases = fc.record({ wanted: fc.nat(300), min: fc.integer({ min: 1, max: 50 }), room: fc.nat(100), at: fc.nat(100), behavior });
    fc.assert(
      fc.property(cases, ({ wanted, min, room, at, behavior: rule }) => {
        const max = min + room;
        const current = Math.min(max, min + at);
        const { replicas } = limit({ ...base, wanted, current, min, max, behavior: rule });
        expect(replicas).toBeGreaterThanOrEqual(min);
        expect(replicas).toBeLessThanOrEqual(max);
        if (wanted >= current) expect(replicas).toBeLessThanOrEqual(Math.max(wanted, min));
        if (wanted <= current) expect(replicas).toBeGreaterThanOrEqual(Math.min(wanted, max));
      }),
    );
  });

  it('counts from the size at the start of a period', () => {
    const scaleUp = { policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] } as const;
    const changes = [{ atMs: 90_000, change: 3 }];
    expect(limit({ ...base, wanted: 9, behavior: { scaleUp }, changes })).toEqual({ replicas: 6, reason: 'ScaleUpLimit' });
    expect(limit({ ...base, wanted: 9, behavior: { scaleUp }, changes: [{ atMs: 30_000, change: 3 }] }).replicas).toBe(9);
  });

  it('does nothing in a direction that is disabled', () => {
    const scaleDown = { selectPolicy: 'Disabled', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] } as const;
    expect(limit({ ...base, wanted: 2, behavior: { scaleDown } })).toEqual({ replicas: 5, reason: 'ScaleDownLimit' });
  });
});

describe('stabilise', () => {
  const past = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 1_000_000 }), replicas: fc.nat(50) }), { maxLength: 20 });

  it('says the same from what is remembered as from everything', () => {
    fc.assert(
      fc.property(past, fc.nat(50), fc.nat(50), fc.integer({ min: 0, max: 600 }), (all, wanted, current, seconds) => {
        const rule = { scaleUp: { stabilizationWindowSeconds: seconds }, scaleDown: {} };
        const now = 1_000_000;
        expect(stabilise(wanted, current, remembered(all, rule, now), rule, now)).toEqual(stabilise(wanted, current, all, rule, now));
      }),
    );
  });

  it('is never below the wanted size where the object has no behaviour', () => {
    fc.assert(fc.property(past, fc.nat(50), fc.nat(50), (all, wanted, current) => stabilise(wanted, current, all, undefined, 1_000_000).replicas >= wanted));
  });
});
