import { type Clock, type Lease, type Lock, type LockHolder, type PortContext, ShepherdError } from '@shepherd/core';
import { KubeError, type KubeObject, toMicroTime } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { annotation, paths } from '../objects.js';
import { stateName } from './object-name.js';

interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null | undefined;
    readonly leaseDurationSeconds?: number | undefined;
    readonly acquireTime?: string | undefined;
    readonly renewTime?: string | undefined;
    readonly leaseTransitions?: number | undefined;
  };
}

const lookEveryMs = 500;

/** One `coordination.k8s.io` Lease an app; `leaseTransitions` is the fence (RR 11). */
export class LeaseLock implements Lock {
  readonly #cluster: Cluster;
  readonly leaseMs: number;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.leaseMs = cluster.leaseMs;
  }

  acquire(context: PortContext & { readonly rolloutId: string }, holder: string): Promise<Lease | LockHolder> {
    return translated(context, `lock ${context.app.name}`, async () => {
      const found = await this.#cluster.find<LeaseObject>(this.#path(context), context.signal);
      if (found !== undefined && held(found) && !(await this.#expired(context, found))) return holderOf(found);
      const fence = (found === undefined ? await this.#lastFence(context) : (found.spec?.leaseTransitions ?? 0)) + 1;
      const body = this.#body(context, context.rolloutId, holder, fence, toMicroTime(context.clock.now()), found);
      try {
        const stored =
          found === undefined
            ? await this.#cluster.api.create<LeaseObject>(paths.leases(context.app.namespace), body, { signal: context.signal })
            : await this.#cluster.api.replace<LeaseObject>(this.#path(context), body, { signal: context.signal });
        return this.#lease(context, holder, stored);
      } catch (error) {
        // A lost race: the other one has it (RR LK-1).
        if (!(error instanceof KubeError && error.status === 409)) throw error;
        const winner = await this.#cluster.api.get<LeaseObject>(this.#path(context), { signal: context.signal });
        return holderOf(winner);
      }
    });
  }

  read(context: PortContext): Promise<LockHolder | undefined> {
    return translated(context, `read the lock of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<LeaseObject>(this.#path(context), context.signal);
      return found === undefined || !held(found) || this.#looksExpired(found, context.clock) ? undefined : holderOf(found);
    });
  }

  break(context: PortContext, rolloutId: string): Promise<void> {
    return translated(context, `break the lock of ${context.app.name}`, async () => {
      const found = await this.#cluster.find<LeaseObject>(this.#path(context), context.signal);
      if (found === undefined || !held(found)) return;
      const now = holderOf(found);
      if (now.rolloutId !== rolloutId) {
        throw new ShepherdError('ERR_LOCK_HELD', `the lock of ${context.app.name} is held by ${now.rolloutId}, not by ${rolloutId}`, {
          facts: { rolloutId: now.rolloutId, holder: now.heldBy, since: now.since },
          remedy: 'name the rollout that holds it',
        });
      }
      await this.#cluster.api.replace(this.#path(context), { ...found, spec: { ...found.spec, holderIdentity: '' } }, { signal: context.signal });
    });
  }

  readonly #path = ({ app }: PortContext): string => paths.leases(app.namespace, stateName(app.name));

  /** The fence of a lease that somebody deleted, from what was written under it: after a lower one no write would pass the fence any more. */
  async #lastFence({ app, signal }: PortContext): Promise<number> {
    const [journal, { items }] = await Promise.all([
      this.#cluster.find(paths.configMaps(app.namespace, stateName(app.name)), signal),
      this.#cluster.api.list(paths.deployments(app.namespace), { signal }),
    ]);
    const fences = [...(journal === undefined ? [] : [journal]), ...items].map((object) => Number(annotation(object, names.fence) ?? 0));
    return Math.max(0, ...fences.filter(Number.isSafeInteger));
  }

  #body({ app }: PortContext, rolloutId: string, holder: string, fence: number, acquireTime: string, found: LeaseObject | undefined): object {
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: stateName(app.name),
        namespace: app.namespace,
        annotations: { [names.rolloutId]: rolloutId, [names.app]: app.name },
        ...(found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }),
      },
      spec: { holderIdentity: holder, leaseDurationSeconds: Math.ceil(this.leaseMs / 1_000), acquireTime, renewTime: acquireTime, leaseTransitions: fence },
    };
  }

  #looksExpired({ spec }: LeaseObject, clock: Clock): boolean {
    const durationMs = (spec?.leaseDurationSeconds ?? this.leaseMs / 1_000) * 1_000;
    const renewed = Date.parse(spec?.renewTime ?? '');
    return Number.isNaN(renewed) || clock.now().getTime() - renewed > durationMs;
  }

  /**
   * Clocks of two machines differ, so a lease that looks old by the wall clock is watched, unchanged, for a third of its length by our own monotonic one: a
   * living holder renews every 2 s of 15, five times sooner.
   */
  async #expired(context: PortContext, seen: LeaseObject): Promise<boolean> {
    if (!this.#looksExpired(seen, context.clock)) return false;
    const { clock, signal } = context;
    const until = clock.monotonicMs() + this.leaseMs / 3;
    while (clock.monotonicMs() < until) {
      await clock.sleep(Math.min(lookEveryMs, this.leaseMs / 10), signal);
      const now = await this.#cluster.api.get<LeaseObject>(this.#path(context), { signal });
      if (now.metadata.resourceVersion !== seen.metadata.resourceVersion) return false;
    }
    return true;
  }

  #lease(context: PortContext & { readonly rolloutId: string }, holder: string, stored: LeaseObject): Lease {
    let latest = stored;
    // Neither an abort of the rollout nor a hanging step may end the lease's own calls.
    const signal = (): AbortSignal => new AbortController().signal;
    const mine = (found: LeaseObject): boolean => found.spec?.holderIdentity === holder && found.spec.leaseTransitions === latest.spec?.leaseTransitions;
    const write = async (spec: object): Promise<boolean> => {
      const path = this.#path(context);
      try {
        latest = await this.#cluster.api.replace<LeaseObject>(
          path,
          { ...latest, spec: { ...latest.spec, ...spec } },
          { signal: signal(), timeoutMs: (this.leaseMs * 2) / 3 },
        );
        return true;
      } catch (error) {
        if (!(error instanceof KubeError) || (error.status !== 409 && error.status !== 404)) throw error;
        const found = await this.#cluster.find<LeaseObject>(path, signal());
        if (found === undefined || !mine(found)) return false;
        latest = found;
        return true;
      }
    };
    return {
      fence: stored.spec?.leaseTransitions ?? 1,
      renew: () => translated(context, `renew the lock of ${context.app.name}`, () => write({ renewTime: toMicroTime(context.clock.now()) })),
      release: async () => {
        await translated({ signal: signal() }, `release the lock of ${context.app.name}`, () => write({ holderIdentity: '', leaseDurationSeconds: 1 }));
      },
    };
  }
}

const held = ({ spec }: LeaseObject): boolean => (spec?.holderIdentity ?? '') !== '';
const holderOf = (found: LeaseObject): LockHolder => ({
  heldBy: found.spec?.holderIdentity ?? '',
  rolloutId: annotation(found, names.rolloutId) ?? 'unknown',
  since: found.spec?.acquireTime ?? '',
});
