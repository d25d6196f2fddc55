import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestOf } from '../../bench/src/crash/scenario.js';
import { Runner } from '../../bench/src/crash/virtual/runner.js';
import { World } from '../../bench/src/crash/virtual/world.js';

const request = requestOf({ strategy: 'rolling', release: 'good' });
const atMost = 3_000;
/** The calls of an undisturbed run from when there is a record to its last write. */
async function callsOfRecord(): Promise<{ readonly min: number; readonly max: number }> {
  await using world = await World.create();
  await using runner = new Runner({ world, name: 'undisturbed', kill: undefined });
  await runner.shepherd.deploy(request).outcome;
  const writes = runner.calls.flatMap(({ kind, text }, index) => (kind === 'write' && !text.includes('/leases') ? [{ text, call: index + 1 }] : []));
  const first = writes.find(({ text }) => text.startsWith('PUT ') && text.includes('/configmaps/'));
  return { min: (first?.call ?? 0) + 1, max: writes.at(-1)?.call ?? 0 };
}

/** Ms from when the dead runner's lock may be taken, and the replica is there, until that one writes to the journal or the app. */
async function takeoverMs(call: number, cameMs: number): Promise<number> {
  await using world = await World.create();
  const dead = new Runner({ world, name: 'dead', kill: { call, side: 'before' } });
  await using replica = new Runner({ world, name: 'replica', kill: undefined });
  const follow = async (): Promise<number> => {
    const from = world.elapsedMs;
    for await (const rollout of replica.shepherd.recover({ follow: true })) {
      await rollout.outcome;
      break;
    }
    return from;
  };
  // Before the release began, while it runs, or some time after the crash.
  const early = cameMs < 0 ? follow() : undefined;
  dead.shepherd.deploy(request);
  await dead.killed;
  const freeMs = world.lockedUntilMs;
  if (early === undefined) await world.clock.sleep(cameMs);
  const from = await (early ?? follow());
  const first = replica.calls.find(({ kind, text }) => kind === 'write' && !text.includes('/leases'));
  return (first?.atMs ?? Number.POSITIVE_INFINITY) - Math.max(freeMs, from);
}

test('whenever a runner dies and whenever its replica came, the rollout goes on within 3 s of the end of the lock', async () => {
  const calls = await callsOfRecord();
  expect(calls.max - calls.min).toBeGreaterThan(20);
  await fc.assert(
    fc.asyncProperty(fc.integer(calls), fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 40_000 })), async (call, cameMs) => {
      expect(await takeoverMs(call, cameMs)).toBeLessThanOrEqual(atMost);
    }),
    { numRuns: 12 },
  );
});
