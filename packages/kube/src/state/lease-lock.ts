import { type Lease, type Lock, type LockHolder, type PortContext, ShepherdError } from '@shepherd/core';
import { KubeError, toMicroTime } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { annotation, paths } from '../objects.js';
import { lastFence } from './last-fence.js';
import { durationMsOf, guess, held, type LeaseObject, LeaseWatch, storedAt } from './lease-watch.js';
import { stateName } from './object-name.js';

type AcquireContext = PortContext & { readonly rolloutId: string };

/** Of a lease: a living holder renews every 2 s of 15, so one that is silent for 2.5 s may be dead. */
const silence = 1 / 6;
const looks = 1 / 30;
const longestLookMs = 500;
/** Times of the server are cut to seconds, on both sides. */
const roundingMs = 1_000;
/** Between two questions for the server's time while its next second decides. */
const askAgainMs = 200;
const races = 5;

/** One `coordination.k8s.io` Lease an app; `leaseTransitions` is the fence (RR 11; docs/decisions/lease-expiry.md). */
export class LeaseLock implements Lock {
  readonly #cluster: Cluster;
  readonly #watch = new LeaseWatch();
  readonly leaseMs: number;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.leaseMs = cluster.leaseMs;
  }

  acquire(context: AcquireContext, holder: string): Promise<Lease | LockHolder> {
    return translated(context, `lock ${context.app.name}`, async () => {
      for (let race = 1; ; race += 1) {
        const { lease, living } = await this.#look(context);
        if (living) return holderOf(lease);
        const fence = (await lastFence(this.#cluster, context, lease)) + 1;
        const takenMs = context.clock.monotonicMs();
        const taken = await this.#take(context, holder, lease, fence);
        if (taken !== undefined) return this.#lease(context, holder, taken, takenMs);
        // A lost race: the other one has it, unless that one is through already (RR LK-1).
        const winner = await this.#find(context);
        if (winner !== undefined && (held(winner) || race === races)) return holderOf(winner);
      }
    });
  }

  read(context: PortContext): Promise<LockHolder | undefined> {
    return translated(context, `read the lock of ${context.app.name}`, async () => {
      const found = await this.#find(context);
      if (found === undefined || !held(found)) return undefined;
      const dead = this.#watch.see(this.#path(context), found, context.clock) >= durationMsOf(found, this.leaseMs);
      return dead || guess(found, this.leaseMs, context.clock.now()) === 'stale' ? undefined : holderOf(found);
    });
  }

  break(context: PortContext, rolloutId: string): Promise<void> {
    return translated(context, `break the lock of ${context.app.name}`, async () => {
      for (let race = 1; ; race += 1) {
        const found = await this.#find(context);
        if (found === undefined || !held(found)) return;
        const now = holderOf(found);
        if (now.rolloutId !== rolloutId) {
          throw new ShepherdError('ERR_LOCK_HELD', `the lock of ${context.app.name} is held by ${now.rolloutId}, not by ${rolloutId}`, {
            facts: { rolloutId: now.rolloutId, holder: now.heldBy, since: now.since },
            remedy: 'name the rollout that holds it',
          });
        }
        try {
          await this.#cluster.api.replace(this.#path(context), { ...found, spec: { ...found.spec, holderIdentity: '' } }, { signal: context.signal });
          return;
        } catch (error) {
          // Its holder renewed it meanwhile.
          if (!KubeError.is(error, 409) || race === races) throw error;
        }
      }
    });
  }

  readonly #path = ({ app }: PortContext): string => paths.leases(app.namespace, stateName(app.name));
  readonly #find = (context: PortContext): Promise<LeaseObject | undefined> => this.#cluster.find<LeaseObject>(this.#path(context), context.signal);

  /**
   * The Lease, and whether somebody lives who holds it. Its holder is dead when it did not change for its whole length by our monotonic clock (RR LK-3). Who
   * comes later need not begin to count then: where it did not change for longer than a living holder is ever silent, and the server stored it longer than its
   * length ago by the server's own clock, its holder is dead as well.
   */
  async #look(
    context: AcquireContext,
  ): Promise<{ readonly lease: LeaseObject; readonly living: true } | { readonly lease: LeaseObject | undefined; readonly living: false }> {
    const { clock, signal } = context;
    let askAtMs = Number.NEGATIVE_INFINITY;
    for (let first = true; ; first = false) {
      const lease = await this.#find(context);
      if (lease === undefined || !held(lease)) return { lease, living: false };
      const durationMs = durationMsOf(lease, this.leaseMs);
      const unchangedMs = this.#watch.see(this.#path(context), lease, clock);
      if (unchangedMs >= durationMs) return { lease, living: false };
      if (first ? guess(lease, this.leaseMs, clock.now()) === 'fresh' : unchangedMs === 0) return { lease, living: true };
      if (unchangedMs >= durationMs * silence && clock.monotonicMs() >= askAtMs) {
        const agoMs = await this.#storedAgo(context, lease);
        const leftMs = durationMs + roundingMs - (agoMs ?? 0);
        if (agoMs !== undefined && leftMs <= 0) return { lease, living: false };
        askAtMs = clock.monotonicMs() + (agoMs === undefined ? roundingMs : Math.max(askAgainMs, leftMs - roundingMs));
      }
      const due = [durationMs - unchangedMs, durationMs * silence - unchangedMs, askAtMs - clock.monotonicMs()].filter((ms) => ms > 0 && Number.isFinite(ms));
      await clock.sleep(Math.min(longestLookMs, durationMs * looks, ...due), signal);
    }
  }

  /** How long ago the server stored it, in whole seconds; undefined where it does not tell. A dry run that creates tells the server's time and stores nothing. */
  async #storedAgo(context: AcquireContext, lease: LeaseObject): Promise<number | undefined> {
    const at = storedAt(lease);
    if (at === undefined) return undefined;
    try {
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: stateName(context.app.name, '-now'), namespace: context.app.namespace },
      };
      const options = { signal: context.signal, query: { dryRun: 'All' } };
      const now = await this.#cluster.api.create(paths.leases(context.app.namespace), body, options);
      const ago = Date.parse(now.metadata.creationTimestamp ?? '') - at;
      return Number.isNaN(ago) ? undefined : ago;
    } catch (error) {
      // Without the server's time it takes longer; that is all.
      if (error instanceof KubeError) return undefined;
      throw error;
    }
  }

  /** @returns nothing where somebody else wrote first */
  async #take(context: AcquireContext, holder: string, found: LeaseObject | undefined, fence: number): Promise<LeaseObject | undefined> {
    const { app, rolloutId, signal, clock } = context;
    const at = toMicroTime(clock.now());
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: stateName(app.name),
        namespace: app.namespace,
        annotations: { [names.rolloutId]: rolloutId, [names.app]: app.name },
        ...(found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }),
      },
      spec: { holderIdentity: holder, leaseDurationSeconds: Math.ceil(this.leaseMs / 1_000), acquireTime: at, renewTime: at, leaseTransitions: fence },
    };
    try {
      const taken =
        found === undefined
          ? await this.#cluster.api.create<LeaseObject>(paths.leases(app.namespace), body, { signal })
          : await this.#cluster.api.replace<LeaseObject>(this.#path(context), body, { signal });
      this.#watch.forget(this.#path(context));
      return taken;
    } catch (error) {
      // 404: it was deleted since it was read.
      if (KubeError.is(error, 409) || KubeError.is(error, 404)) return undefined;
      throw error;
    }
  }

  #lease(context: AcquireContext, holder: string, stored: LeaseObject, takenMs: number): Lease {
    const fence = stored.spec?.leaseTransitions ?? 1;
    const path = this.#path(context);
    let latest = stored;
    // Neither an abort of the rollout nor a hanging step may end the lease's own calls.
    const signal = new AbortController().signal;
    const mine = ({ spec }: LeaseObject): boolean => spec?.holderIdentity === holder && spec.leaseTransitions === fence;
    /** False: it is somebody else's, or nobody's. */
    const write = async (spec: object): Promise<boolean> => {
      for (let race = 1; ; race += 1) {
        try {
          const body = { ...latest, spec: { ...latest.spec, ...spec } };
          latest = await this.#cluster.api.replace<LeaseObject>(path, body, { signal, timeoutMs: (this.leaseMs * 2) / 3 });
          return true;
        } catch (error) {
          if (!KubeError.is(error, 409) && !KubeError.is(error, 404)) throw error;
          const found = await this.#cluster.find<LeaseObject>(path, signal);
          if (found === undefined || !mine(found)) return false;
          if (race === races) throw error;
          latest = found;
        }
      }
    };
    return {
      fence,
      takenMs,
      renew: () => translated({ signal }, `renew the lock of ${context.app.name}`, () => write({ renewTime: toMicroTime(context.clock.now()) })),
      release: async () => {
        await translated({ signal }, `release the lock of ${context.app.name}`, () => write({ holderIdentity: '', leaseDurationSeconds: 1 }));
      },
    };
  }
}

const holderOf = (found: LeaseObject): LockHolder => ({
  heldBy: found.spec?.holderIdentity ?? '',
  rolloutId: annotation(found, names.rolloutId) ?? 'unknown',
  since: found.spec?.acquireTime ?? '',
});
