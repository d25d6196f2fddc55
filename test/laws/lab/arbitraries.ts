import fc from 'fast-check';
import type { Burst } from './faulty.js';
import type { AppShape, StrategyPlan } from './world.js';

/** One to eight replicas; as many may be missing or above R as a Deployment allows. */
export const shapes: fc.Arbitrary<AppShape> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 8 }),
    maxSurge: fc.integer({ min: 0, max: 3 }),
    maxUnavailable: fc.integer({ min: 0, max: 2 }),
    seed: fc.nat(999),
  })
  .map((shape) => ({
    ...shape,
    maxUnavailable: Math.min(shape.maxUnavailable, shape.replicas - 1),
  }))
  .map((shape) => (shape.maxSurge === 0 && shape.maxUnavailable === 0 ? { ...shape, maxSurge: 1 } : shape));

const stages = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 3 }).map((list) => [...list.toSorted((a, b) => a - b), 100]);

export const strategies: fc.Arbitrary<StrategyPlan> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<StrategyPlan>({ kind: 'rolling' }) },
  { weight: 2, arbitrary: fc.constant<StrategyPlan>({ kind: 'blue-green' }) },
  { weight: 4, arbitrary: stages.map((list): StrategyPlan => ({ kind: 'canary', stages: list })) },
);

/** The number of an API call: a rollout makes some 300 (rolling) to 3,000 (canary of four stages). */
export const callNumbers: fc.Arbitrary<number> = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 3_000 }));

const troubles = [409, 410, 429, 500, 503, 504, 'hang', 'reset', 'lost', 'stale', 'cut-watches', 'mute-watches'] as const;

/** Short and long ones, one after the other or on top of each other. */
export const bursts: fc.Arbitrary<readonly Burst[]> = fc.array(
  fc.record({ trouble: fc.constantFrom(...troubles), atCall: callNumbers, calls: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })) }),
  { minLength: 1, maxLength: 6 },
);
