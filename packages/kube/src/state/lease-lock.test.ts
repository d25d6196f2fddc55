// Who holds the lock, whatever the clocks of the machines say (RR LK-2, LK-3).
import type { Clock, Lease, LockHolder, PortContext } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kubernetes } from '../index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const app = { cluster: 'kubernetes', namespace: 'default', name: 'web' };
const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/shepherd-web';
const leaseMs = 15_000;
const isLease = (answer: Lease | LockHolder): answer is Lease => 'fence' in answer;

/** The clock of a machine whose wall clock is off. Time itself passes as everywhere. */
const skewed = (clock: Clock, byMs: number): Clock => ({
  now: () => new Date(clock.now().getTime() + byMs),
  monotonicMs: () => clock.monotonicMs(),
  sleep: (ms, signal) => clock.sleep(ms, signal),
});

function machine(byMs: number) {
  const clock = skewed(sandbox.connection.clock, byMs);
  const { lock } = kubernetes({ ...sandbox.connection, clock });
  const context = (rolloutId: string): PortContext & { readonly rolloutId: string } => ({ app, rolloutId, signal: new AbortController().signal, clock });
  return {
    clock,
    lock,
    context,
    acquire: (id: string) => lock.acquire(context(id), `holder of ${id}`),
    async take(id: string): Promise<Lease> {
      const answer = await lock.acquire(context(id), `holder of ${id}`);
      if (!isLease(answer)) throw new Error(`held by ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}

async function edit(method: string, body?: object): Promise<void> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const headers = { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${token}` };
  const response = await sandbox.connection.transport(
    new Request(`http://sandbox.invalid${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

const minutes = fc.integer({ min: -20, max: 20 }).map((each) => each * 60_000);

describe('clocks that differ', () => {
  test('a living holder keeps it, a dead one is followed within a lease and its length, and the two never hold it together', async () => {
    await fc.assert(
      fc.asyncProperty(minutes, minutes, fc.array(fc.integer({ min: 200, max: 9_500 }), { minLength: 1, maxLength: 12 }), async (ours, theirs, renewals) => {
        const [holder, other] = [machine(ours), machine(theirs)];
        const lease = await holder.take('r1');
        let renewedMs = lease.takenMs ?? 0;
        let dead = false;
        let taken: { readonly atMs: number; readonly fence: number } | undefined;
        // Asks all the time, as a replica does that waits to take over.
        const asking = (async () => {
          while (taken === undefined) {
            const answer = await other.acquire('r2');
            if (isLease(answer)) taken = { atMs: answer.takenMs ?? 0, fence: answer.fence };
            else await other.clock.sleep(1_000);
          }
        })();
        for (const ms of renewals) {
          await holder.clock.sleep(ms);
          const askedMs = holder.clock.monotonicMs();
          expect(await lease.renew()).toBe(true);
          renewedMs = askedMs;
          expect(taken).toBeUndefined();
        }
        const diedMs = holder.clock.monotonicMs();
        dead = true;
        await asking;
        expect(dead).toBe(true);
        expect(taken?.fence).toBeGreaterThan(lease.fence);
        // The holder gives up two thirds of a lease after its last renewal, by its own clock.
        expect(taken?.atMs).toBeGreaterThan(renewedMs + (leaseMs * 2) / 3);
        expect((taken?.atMs ?? 0) - diedMs).toBeLessThan(2 * leaseMs + 3_000);
        expect(await lease.renew()).toBe(false);
        await edit('DELETE');
      }),
      { numRuns: 25 },
    );
  });

  test('with clocks that agree the next one goes on within 3 s of the end of the lease, whenever it comes', async () => {
    for (const laterMs of [0, 5_000, 14_000, 15_500, 60_000]) {
      const [holder, other] = [machine(0), machine(0)];
      const dead = await holder.take('r1');
      const endsMs = (dead.takenMs ?? 0) + leaseMs;
      await holder.clock.sleep(laterMs);
      const cameMs = other.clock.monotonicMs();
      let answer = await other.acquire('r2');
      while (!isLease(answer)) {
        await other.clock.sleep(500);
        answer = await other.acquire('r2');
      }
      expect((answer.takenMs ?? 0) - Math.max(endsMs, cameMs), `${laterMs} ms later`).toBeLessThanOrEqual(3_000);
      expect(answer.takenMs).toBeGreaterThanOrEqual(endsMs);
      await edit('DELETE');
    }
  });

  test('a server that tells no times is believed nothing: the whole lease is counted', async () => {
    const holder = machine(0);
    const lease = await holder.take('r1');
    await holder.clock.sleep(60_000);
    sandbox.fault({ verb: 'create', path: /leases.*dryRun/ }, { status: 403 });
    const cameMs = holder.clock.monotonicMs();
    const next = await machine(7_200_000).take('r2');
    expect((next.takenMs ?? 0) - cameMs).toBeGreaterThanOrEqual(leaseMs);
    expect((next.takenMs ?? 0) - cameMs).toBeLessThan(leaseMs + 3_000);
    expect(await lease.renew()).toBe(false);
  });
});

describe('a Lease that somebody edited', () => {
  test.each<readonly [string, object]>([
    ['no renewTime', { renewTime: null }],
    ['a renewTime of last year', { renewTime: '2020-01-01T00:00:00.000000Z' }],
    ['a renewTime in the future', { renewTime: '2090-01-01T00:00:00.000000Z' }],
    ['no length', { leaseDurationSeconds: null }],
    ['no transitions', { leaseTransitions: null }],
    ['transitions of an earlier holder', { leaseTransitions: 1 }],
  ])('%s: its living holder keeps it; once it is dead the next fence is higher', async (_name, spec) => {
    const holder = machine(0);
    for (let before = 0; before < 3; before += 1) await (await holder.take(`before-${before}`)).release();
    const { lock, context, clock } = holder;
    const { journal } = kubernetes({ ...sandbox.connection });
    const lease = await holder.take('r1');
    await journal.fence?.({ ...context('r1'), fence: lease.fence });
    await edit('PATCH', { spec });
    const transitions = 'leaseTransitions' in spec;
    // Transitions are how a holder knows its own lease: with others it is somebody else's.
    expect(await lease.renew()).toBe(!transitions);
    if (!transitions) {
      const renewing = (async () => {
        for (let renewed = 0; renewed < 20; renewed += 1) {
          await clock.sleep(2_000);
          if (!(await lease.renew())) return 'lost';
        }
        return 'kept';
      })();
      expect(isLease(await machine(0).acquire('r2'))).toBe(false);
      expect(await renewing).toBe('kept');
    }
    let answer = await machine(0).acquire('r3');
    for (let asked = 0; asked < 60 && !isLease(answer); asked += 1) {
      await clock.sleep(1_000);
      answer = await machine(0).acquire('r3');
    }
    expect(isLease(answer) && answer.fence).toBeGreaterThan(lease.fence);
    expect((await lock.read(context('x')))?.rolloutId).toBe('r3');
  });

  test('deleted meanwhile: its holder learns of it, and the next fence is higher all the same', async () => {
    const { take, context } = machine(0);
    const lease = await take('r1');
    await kubernetes({ ...sandbox.connection }).journal.fence?.({ ...context('r1'), fence: 41 });
    await edit('DELETE');
    expect(await lease.renew()).toBe(false);
    expect((await take('r2')).fence).toBe(42);
  });

  test('of two that start in the same millisecond one gets it, the other is told by whom', async () => {
    const answers = await Promise.all(['r1', 'r2'].map((id) => machine(0).acquire(id)));
    const winner = answers.findIndex(isLease);
    expect(answers.filter(isLease)).toHaveLength(1);
    expect(answers[1 - winner]).toMatchObject({ rolloutId: `r${winner + 1}`, heldBy: `holder of r${winner + 1}` });
  });
});
