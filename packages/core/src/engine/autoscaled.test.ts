import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOutcome, formatPlan, realise, Shepherd, type Strategy, type Target } from '../index.js';
import { BlueGreen } from '../strategies/blue-green.js';
import { Canary } from '../strategies/canary.js';
import { createMemoryPlatform, type MemoryPlatform } from '../testing/index.js';

const bounds = { min: 2, max: 12 };
const versions = { bad: { doomed: 'CrashLoopBackOff' }, sick: { reply: () => ({ status: 503 }) } };
const strategies: readonly (readonly [string, () => Strategy])[] = [
  ['blue-green', () => new BlueGreen({ soak: '2m' })],
  ['canary', () => new Canary({ stages: [10, 50, 75, 100], interval: '1m', analysis: false })],
];

describe.each(strategies)('%s of an autoscaled app', (_name, strategy) => {
  test('the plan says that the autoscaler is held and let go, as data and in words', async () => {
    const platform = createMemoryPlatform({ replicas: 6, autoscaled: bounds });
    const plan = await new Shepherd({ platform }).plan({ app: 'web', release: { version: '2.0.0' }, strategy: strategy() });
    expect(plan.steps[0]?.step).toMatchObject({ kind: 'apply', autoscaler: 'hold' });
    expect(plan.steps.at(-1)?.step).toMatchObject({ kind: 'retire', autoscaler: 'release' });
    expect(formatPlan(plan)).toMatch(/hold the autoscaler at 6 pods or more[\s\S]*give the autoscaler its floor back/);
    expect(platform.app().autoscaler).toEqual(bounds);
  });

  test.each([
    ['2.0.0', 'succeeded'],
    ['bad', 'rolled-back'],
    ['sick', 'rolled-back'],
  ])('a release %s: held from the first pod on, let go at the end', async (version, kind) => {
    const floors = new Set<number>();
    const platform: MemoryPlatform = createMemoryPlatform({
      replicas: 6,
      autoscaled: bounds,
      versions,
      onCall: ({ name }) => {
        if (name !== 'autoscaler.hold' && platform.app().candidate !== undefined) floors.add(platform.app().autoscaler?.min ?? 0);
      },
    });
    const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version }, strategy: strategy() }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe(kind);
    expect([...floors]).toEqual([6]);
    expect(platform.app().autoscaler).toEqual(bounds);
    expect(platform.app().candidate).toBeUndefined();
  });

  test('where it cannot be held it is refused by name', async () => {
    const platform = createMemoryPlatform({ replicas: 6, autoscaled: { ...bounds, holdable: false } });
    const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version: '2.0.0' }, strategy: strategy() }).outcome;
    expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_UNSUPPORTED_WORKLOAD', facts: { field: 'autoscaler' } } });
  });

  test('whatever it does at any moment, R is what it says, nobody is lost and the floor comes back (RR PT-13)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.integer({ min: 0, max: 250 }).map(String), fc.integer({ min: 0, max: 15 }), { maxKeys: 12 }),
        fc.constantFrom('2.0.0', 'bad', 'sick'),
        async (moves, version) => {
          let calls = 0;
          let said = 6;
          const lows: string[] = [];
          const platform: MemoryPlatform = createMemoryPlatform({
            replicas: 6,
            autoscaled: bounds,
            versions,
            onCall: ({ name, rolloutId }, when) => {
              const app = platform.app();
              const move = moves[calls++];
              // Before it is held it may go below; that is its own affair.
              if (move !== undefined && (app.autoscaler?.original !== undefined || move > 6)) {
                app.autoscale(move);
                if (app.stable?.wanted !== 0) said = Math.min(bounds.max, Math.max(app.autoscaler?.min ?? 0, move));
              }
              if (app.serving.length < 6) lows.push(`${when} ${name} of ${rolloutId}: ${app.serving.length} serve`);
            },
          });
          const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version }, strategy: strategy() }).outcome;
          expect(outcome.kind, formatOutcome(outcome)).toBe(version === '2.0.0' ? 'succeeded' : 'rolled-back');
          const app = platform.app();
          expect({ lows, autoscaler: app.autoscaler, candidate: app.candidate }).toEqual({ lows: [], autoscaler: bounds, candidate: undefined });
          expect({ replicas: app.replicas, wanted: app.stable?.wanted }).toEqual({ replicas: said, wanted: said });
        },
      ),
      {
        numRuns: 40,
        examples: [
          // R moves between the read of R and the count of pods, as often as a check is tried.
          [{ 87: 8, 166: 7, 203: 0, 213: 7, 217: 0 }, 'sick'],
          // R falls before it is held: the floor is below R as it was when the rollout began.
          [{ 0: 8, 25: 7, 41: 8, 47: 0 }, 'sick'],
        ],
      },
    );
  }, 60_000);

  test('a process that leaves at any step leaves it held, and the next rollout lets it go', async () => {
    for (let at = 0; at < 12; at += 1) {
      const platform = createMemoryPlatform({ replicas: 6, autoscaled: bounds });
      const first = new Shepherd({ platform });
      const rollout = first.deploy({ app: 'web', release: { version: '2.0.0' }, strategy: strategy() });
      let left: Promise<unknown> | undefined;
      rollout.on('step-start', ({ index }) => {
        if (index === at) left ??= first.close();
      });
      if ((await rollout.outcome).kind === 'succeeded') continue;
      await left;
      const next = await new Shepherd({ platform: platform.connect() }).deploy({ app: 'web', release: { version: '3.0.0' }, strategy: strategy() }).outcome;
      expect(next.kind, formatOutcome(next)).toBe('succeeded');
      expect(platform.app().autoscaler).toEqual(bounds);
    }
  }, 60_000);
});

test('stable stays whole, more weight is never fewer candidate pods, and no share is above half before 100', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (replicas) => {
      const target = { replicas, autoscaled: bounds, router: { name: 'pods', granularity: 'replicas' } } as unknown as Target;
      let last = 0;
      for (let weight = 1; weight < 100; weight += 1) {
        const { candidate, stable } = realise(target, weight);
        expect(stable).toBe(replicas);
        expect(candidate).toBeGreaterThanOrEqual(Math.max(1, last));
        expect(candidate).toBeLessThanOrEqual(replicas);
        last = candidate;
      }
      expect(realise(target, 100)).toEqual({ weight: 100, stable: 0, candidate: replicas });
      expect(realise(target, 0)).toEqual({ weight: 0, stable: replicas, candidate: 0 });
    }),
  );
});
