import type { Clock } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';

export interface LeaseObject extends KubeObject {
  readonly spec?:
    | {
        readonly holderIdentity?: string | null | undefined;
        readonly leaseDurationSeconds?: number | undefined;
        readonly acquireTime?: string | undefined;
        readonly renewTime?: string | undefined;
        readonly leaseTransitions?: number | undefined;
      }
    | undefined;
}

export const held = ({ spec }: LeaseObject): boolean => (spec?.holderIdentity ?? '') !== '';

/** How long the holder may be silent; one that is no length counts as ours. */
export function durationMsOf({ spec }: LeaseObject, leaseMs: number): number {
  const seconds = spec?.leaseDurationSeconds;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : leaseMs;
}

/**
 * What the wall clocks say, for a first guess: `fresh` is renewed a moment ago by a clock like ours, `stale` longer ago than a lease. Missing, unreadable and
 * future times are `unclear`. Never a reason to take a lock: clocks of two machines differ by minutes.
 */
export function guess(lease: LeaseObject, leaseMs: number, now: Date): 'fresh' | 'stale' | 'unclear' {
  const ageMs = now.getTime() - Date.parse(lease.spec?.renewTime ?? '');
  const durationMs = durationMsOf(lease, leaseMs);
  if (Number.isNaN(ageMs) || ageMs < -durationMs) return 'unclear';
  return ageMs <= durationMs ? 'fresh' : 'stale';
}

/** When a Lease was last stored, by the server's own clock: neither its holder's nor ours. */
export function storedAt({ metadata }: LeaseObject): number | undefined {
  const { managedFields } = metadata as { readonly managedFields?: readonly { readonly time?: string | undefined }[] | undefined };
  const times = (managedFields ?? []).map(({ time }) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** For how long this process has seen each Lease unchanged, by its own monotonic clock (RR LK-3). */
export class LeaseWatch {
  readonly #seen = new Map<string, { readonly text: string; readonly sinceMs: number }>();

  /** To be told of every Lease that was read. @returns how long it has not changed, in ms */
  see(path: string, lease: LeaseObject, clock: Clock): number {
    const nowMs = clock.monotonicMs();
    const text = JSON.stringify([lease.metadata.uid, lease.spec]);
    const known = this.#seen.get(path);
    if (known?.text === text) return nowMs - known.sinceMs;
    this.#seen.set(path, { text, sinceMs: nowMs });
    return 0;
  }

  forget(path: string): void {
    this.#seen.delete(path);
  }
}
