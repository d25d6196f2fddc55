// PT-7 and DESIGN law 3: two runners, stopped processes, stolen locks. After a later holder has written to an object, nothing of an earlier one lands on it.
import {
  BlueGreen,
  Canary,
  type Clock,
  formatOutcome,
  type Outcome,
  RollingUpdate,
  type Rollout,
  Shepherd,
  ShepherdError,
  type Strategy,
  type Transport,
} from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KubeRelease, kubernetes } from './index.js';

interface Landed {
  readonly by: 'first' | 'second';
  readonly what: string;
  /** Of the object; one that was made anew is another one. */
  readonly uid: string;
  readonly candidate: boolean;
}

/** A process that can be stopped as by SIGSTOP: nothing of it moves, its timers neither, and what it was about to send is sent when it wakes. */
class Runner {
  readonly name: 'first' | 'second';
  readonly clock: Clock;
  readonly transport: Transport;
  /** Writes until it is stopped, before it sends or before it hears. */
  stopAt = Number.POSITIVE_INFINITY;
  when: 'before' | 'after' = 'before';
  #awake: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  stopped = false;
  onStop: () => void = () => undefined;

  constructor(name: Runner['name'], sandbox: Sandbox, landed: Landed[]) {
    const { clock, transport } = sandbox.connection;
    this.name = name;
    this.clock = {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#awake;
        signal?.throwIfAborted();
      },
    };
    let requests = 0;
    this.transport = async (request) => {
      await this.#awake;
      const writes = request.method !== 'GET' && !request.url.includes('dryRun') && !request.url.includes('reviews');
      // What matters is held up in a write; a renewal of the lease is none of those.
      if (writes && !request.url.includes('/leases')) requests += 1;
      const stops = requests === this.stopAt && writes;
      if (stops && this.when === 'before') this.stop();
      await this.#awake;
      // What left the process reaches the server, whatever the process thinks of it by then.
      const sent = new Request(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body === null ? {} : { body: await request.clone().text() }),
      });
      const before = writes ? uidAt(sandbox, request.url) : undefined;
      const answer = await transport(writes ? sent : request);
      if (writes && answer.ok) {
        const { metadata } = (await answer.clone().json()) as { metadata?: { uid?: string; name?: string } };
        landed.push({
          by: name,
          what: `${request.method} ${new URL(request.url).pathname}`,
          uid: before ?? metadata?.uid ?? '',
          candidate: metadata?.name === 'web-candidate',
        });
      }
      if (stops && this.when === 'after') this.stop();
      await this.#awake;
      return answer;
    };
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.#awake = new Promise((resolve) => (this.#wake = resolve));
    this.onStop();
  }

  wake(): void {
    this.#wake();
  }
}

const plurals: Readonly<Record<string, string>> = { deployments: 'deployments.apps', replicasets: 'replicasets.apps', leases: 'leases.coordination.k8s.io' };

function uidAt(sandbox: Sandbox, url: string): string | undefined {
  const [, namespace, plural = '', name] = /\/namespaces\/([^/]+)\/([^/?]+)\/([^/?]+)/.exec(url) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return (sandbox.objects.get(plurals[plural] ?? plural, namespace, name) as { metadata: { uid: string } } | undefined)?.metadata.uid;
}

const strategies: readonly (() => Strategy)[] = [
  () => new RollingUpdate(),
  () => new BlueGreen({ soak: '30s' }),
  () => new Canary({ stages: [34, 100], interval: '20s', analysis: false }),
];

async function world(
  work: (world: { sandbox: Sandbox; landed: Landed[]; runner: (name: Runner['name']) => [Runner, Shepherd<KubeRelease>] }) => Promise<void>,
): Promise<void> {
  await using sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) sandbox.image(`registry/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 3 });
  const landed: Landed[] = [];
  const open: Shepherd<KubeRelease>[] = [];
  try {
    await work({
      sandbox,
      landed,
      runner: (name) => {
        const runner = new Runner(name, sandbox, landed);
        const shepherd = new Shepherd<KubeRelease>({ platform: kubernetes({ ...sandbox.connection, clock: runner.clock, transport: runner.transport }) });
        open.push(shepherd);
        return [runner, shepherd];
      },
    });
  } finally {
    await Promise.all(open.map((each) => each.close()));
  }
}

/** No write of the first lands on an object that the second has written. Letters of the mailbox are anybody's. */
function oneWriter(landed: readonly Landed[]): void {
  const taken = new Set<string>();
  for (const { by, uid, what } of landed) {
    if (by === 'second') taken.add(uid);
    else
      expect(taken.has(uid), `${what} of the first landed after a write of the second\n${landed.map((each) => `${each.by} ${each.what}`).join('\n')}`).toBe(
        false,
      );
  }
}

async function takeOver(shepherd: Shepherd<KubeRelease>, clock: Clock, id: string): Promise<Outcome> {
  for (;;) {
    try {
      const rollout = await shepherd.get(id);
      const { driver, now } = await rollout.state();
      if (driver === undefined || now.kind === 'ended') {
        if (now.kind !== 'ended') await rollout.resume();
        return await rollout.outcome;
      }
    } catch (error) {
      if (!ShepherdError.is(error, 'ERR_LOCK_HELD') && !ShepherdError.is(error, 'ERR_ROLLOUT_NOT_FOUND')) throw error;
    }
    await clock.sleep(1_000);
  }
}

/** A rollout whose runner was stopped in it; undefined: it came to a good end before that. */
async function stopIn(
  runner: Runner,
  shepherd: Shepherd<KubeRelease>,
  strategy: Strategy,
  at: { readonly stopAt: number; readonly when: Runner['when'] },
): Promise<Rollout | undefined> {
  Object.assign(runner, at);
  const stopped = new Promise<void>((resolve) => (runner.onStop = resolve));
  const rollout = shepherd.deploy({ app: 'shop/web', release: { image: 'registry/web:1.1.0' }, strategy });
  const early = await Promise.race([rollout.outcome, stopped.then(() => 'stopped' as const)]);
  if (early === 'stopped') return rollout;
  expect(early.kind, formatOutcome(early)).toBe('succeeded');
  return undefined;
}

describe('a process that was stopped at any request and wakes up when another drives', () => {
  test('lands no write on what the other wrote, and leaves by lock-lost', async () => {
    let stoppedAtAll = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 36 }),
        fc.constantFrom('before' as const, 'after' as const),
        fc.constantFrom(...strategies),
        fc.integer({ min: 0, max: 40_000 }),
        async (stopAt, when, strategy, wakesAfterMs) => {
          await world(async ({ sandbox, landed, runner }) => {
            const { clock } = sandbox.connection;
            const [first, a] = runner('first');
            const [, b] = runner('second');
            const rollout = await stopIn(first, a, strategy(), { stopAt, when });
            if (rollout === undefined) return undefined;
            stoppedAtAll += 1;
            // Wakes some time after the other one has the lock.
            const woken = (async () => {
              while (!landed.some(({ by }) => by === 'second')) await clock.sleep(200);
              await clock.sleep(wakesAfterMs);
              first.wake();
            })();
            let taken = true;
            const second = await Promise.race([
              takeOver(b, clock, rollout.id),
              // Stopped before its first write: nobody else knows of it, and it goes on by itself.
              clock.sleep(60_000).then(async () => {
                if (landed.some(({ by }) => by === 'second')) return takeOver(b, clock, rollout.id);
                taken = false;
                first.wake();
                return rollout.outcome;
              }),
            ]);
            first.wake();
            const left = await rollout.outcome;
            void woken.catch(() => undefined);
            oneWriter(landed);
            if (!taken) return undefined;
            expect(['succeeded', 'rolled-back'], formatOutcome(second)).toContain(second.kind);
            expect(['lock-lost', second.kind], formatOutcome(left)).toContain(left.kind);
            // What goes with a Deployment goes a moment later.
            await clock.sleep(60_000);
            const pods = sandbox.objects.list('pods', 'shop').filter((pod) => (pod.metadata as { deletionTimestamp?: string }).deletionTimestamp === undefined);
            expect(pods.every((pod) => !String(pod.metadata.name).includes('candidate'))).toBe(true);
            return undefined;
          });
        },
      ),
      { numRuns: 24 },
    );
    expect(stoppedAtAll).toBeGreaterThan(3);
  }, 240_000);
});

describe('a lock that a person takes from its holder in the middle of a write', () => {
  test("is the next one's: nothing of the former holder lands on what that one wrote, though it lives and takes itself for the holder", async () => {
    let broken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 36 }),
        fc.constantFrom('before' as const, 'after' as const),
        fc.constantFrom(...strategies),
        // Well within the lease that it renewed a moment ago.
        fc.integer({ min: 0, max: 8_000 }),
        async (stopAt, when, strategy, wakesAfterMs) => {
          await world(async ({ sandbox, landed, runner }) => {
            const { clock } = sandbox.connection;
            const [first, a] = runner('first');
            const [, b] = runner('second');
            const rollout = await stopIn(first, a, strategy(), { stopAt, when });
            if (rollout === undefined) return undefined;
            const known = await b.get(rollout.id).catch(() => undefined);
            const taken = known !== undefined && (await b.breakLock(rollout.id));
            if (taken) broken += 1;
            const woken = clock.sleep(wakesAfterMs).then(() => first.wake());
            const second = taken ? await takeOver(b, clock, rollout.id) : undefined;
            await woken;
            const left = await rollout.outcome;
            oneWriter(landed);
            if (second === undefined) return undefined;
            expect(['succeeded', 'rolled-back'], formatOutcome(second)).toContain(second.kind);
            expect(['lock-lost', second.kind], formatOutcome(left)).toContain(left.kind);
            return undefined;
          });
        },
      ),
      { numRuns: 24 },
    );
    expect(broken).toBeGreaterThan(3);
  }, 240_000);
});
