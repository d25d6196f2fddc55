import { Changes } from '../../internal/changes.js';
import type { Target } from '../../plan/situation.js';
import type { Clock } from '../../ports/clock.js';
import type { Revision, TrackName } from '../../words/revision.js';
import { Fences } from './fences.js';
import { isReady, type MemoryPod, type MemoryTrack, type MemoryVersion, makePod, nextChangeMs, reconcile } from './pods.js';

/** How an app in memory begins. */
export interface MemoryAppOptions {
  /** The version that serves at first; `null`: nothing was deployed yet. @default '1.0.0' */
  readonly version?: string | null | undefined;
  /** @default 3 */
  readonly replicas?: number | undefined;
  /** From a pod's creation to ready. @default 2000 */
  readonly startupMs?: number | undefined;
  /** How pods of a version behave, where it is not the healthy default. */
  readonly versions?: Readonly<Record<string, MemoryVersion>> | undefined;
  /** @default 'replicas' */
  readonly granularity?: 'binary' | 'replicas' | 'percent' | undefined;
  /** False: no Service selects the pods. @default true */
  readonly switches?: boolean | undefined;
  /** @default 'keep' */
  readonly roles?: 'keep' | 'swap' | undefined;
  /** Something else moves the replicas, between these. `holdable` false: the platform cannot hold it. @default holdable true */
  readonly autoscaled?: Target['autoscaled'];
}

export const hashOf = (version: string): string => `hash-${version}`;

/**
 * One app as a model: tracks of pods that start after a while on the clock, and a router. Nothing runs in the background: whoever looks first brings the pods
 * up to the present, in the order in which things happened.
 */
export class MemoryApp {
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  readonly options: MemoryAppOptions;
  readonly changes = new Changes();
  readonly fences = new Fences();
  /** Versions that stable has run, newest first. */
  readonly history: string[] = [];
  readonly marks = new Map<string, { readonly verified: true } | { readonly bad: string }>();
  stable: MemoryTrack | undefined;
  candidate: MemoryTrack | undefined;
  /** What the router was told: percent of requests to the candidate. Not used where pods are the router. */
  routed = 0;
  /** How far the autoscaler may go now. `original`: its floor before it was held. */
  autoscaler: { readonly min: number; readonly max: number; readonly original?: number | undefined } | undefined;
  #replicas: number;
  readonly #made = new Map<string, string>();
  #pods = 0;
  #seenMs: number;

  constructor(namespace: string, name: string, clock: Clock, options: MemoryAppOptions) {
    this.namespace = namespace;
    this.name = name;
    this.clock = clock;
    this.options = options;
    this.#replicas = options.replicas ?? 3;
    const { autoscaled } = options;
    this.autoscaler = autoscaled === undefined || autoscaled.holdable === false ? undefined : { min: autoscaled.min, max: autoscaled.max };
    this.#seenMs = clock.monotonicMs();
    const { version = '1.0.0' } = options;
    if (version === null) return;
    this.marks.set(hashOf(version), { verified: true });
    this.serve(version);
    if (this.stable !== undefined) this.stable.pods = this.stable.pods.map((pod) => ({ ...pod, readyAtMs: this.#seenMs }));
  }

  /** R. Set it to be the autoscaler or person that changes it; stable follows where a rollout has not scaled it. */
  get replicas(): number {
    return this.#replicas;
  }

  set replicas(replicas: number) {
    const follows = this.stable?.wanted === this.#replicas;
    this.#replicas = replicas;
    if (follows) this.write(() => this.stable && (this.stable.wanted = replicas));
  }

  /** As the autoscaler would: R within its bounds; at 0 it rests. */
  autoscale(replicas: number): void {
    const { min = 0, max = Number.POSITIVE_INFINITY } = this.autoscaler ?? {};
    if (this.stable?.wanted !== 0) this.replicas = Math.min(max, Math.max(min, replicas));
  }

  /** Writes a template to stable. */
  serve(version: string): void {
    this.write(() => {
      if (this.stable === undefined) this.stable = { version, wanted: this.#replicas, pods: [], isolated: false, rolloutId: undefined };
      this.stable.version = version;
    });
    this.remember(version);
  }

  /** Puts a version at the head of the history. */
  remember(version: string): void {
    const at = this.history.indexOf(version);
    if (at >= 0) this.history.splice(at, 1);
    this.history.unshift(version);
  }

  /** Changes the model now: brings it to the present before, lets the pods follow after, wakes watchers. */
  write(change: () => void): void {
    this.present();
    change();
    this.#reconcile(this.#seenMs);
    this.changes.notify();
  }

  /** Brings the pods to the present. */
  present(): number {
    const nowMs = this.clock.monotonicMs();
    for (let next = this.#nextMs(); next <= nowMs; next = this.#nextMs()) {
      this.#seenMs = next;
      this.#reconcile(next);
    }
    this.#seenMs = nowMs;
    return nowMs;
  }

  /** Until something changes by itself; infinite if nothing will. */
  get quietForMs(): number {
    const nowMs = this.present();
    return this.#nextMs() - nowMs;
  }

  track(name: TrackName): MemoryTrack | undefined {
    this.present();
    return this[name];
  }

  /** Percent of requests that the candidate gets now, by what would really happen. */
  get weight(): number {
    const nowMs = this.present();
    if (this.candidate === undefined) return 0;
    if (!this.splitsByPods) return this.routed;
    const ready = (track: MemoryTrack | undefined): number => (track?.pods ?? []).filter((pod) => isReady(pod, nowMs)).length;
    const [candidate, stable] = [ready(this.candidate), ready(this.stable)];
    return candidate + stable === 0 ? 0 : Math.round((100 * candidate) / (candidate + stable));
  }

  /** Ready pods are the split: no router, and the candidate is not held apart. */
  get splitsByPods(): boolean {
    return (this.options.granularity ?? 'replicas') === 'replicas' && this.candidate?.isolated !== true;
  }

  /** Ready pods that a request can reach now; none is an outage. */
  get serving(): readonly MemoryPod[] {
    const nowMs = this.present();
    const routed = this.candidate === undefined || this.splitsByPods ? undefined : this.routed;
    const stable = routed === 100 ? [] : (this.stable?.pods ?? []);
    const candidate = routed === 0 ? [] : (this.candidate?.pods ?? []);
    return [...stable, ...candidate].filter((pod) => isReady(pod, nowMs));
  }

  revision(version: string): Revision {
    const hash = hashOf(version);
    const mark = this.marks.get(hash);
    return {
      hash,
      owner: 'memory',
      images: [`${this.name}:${version}`],
      at: this.#madeAt(version),
      verified: mark !== undefined && 'verified' in mark,
      ...(mark !== undefined && 'bad' in mark ? { bad: mark.bad } : {}),
    };
  }

  versionOptions(version: string): MemoryVersion {
    return { startupMs: this.options.startupMs ?? 2_000, ...this.options.versions?.[version] };
  }

  #madeAt(version: string): string {
    const at = this.#made.get(version) ?? this.clock.now().toISOString();
    this.#made.set(version, at);
    return at;
  }

  #nextMs(): number {
    return nextChangeMs([...(this.stable?.pods ?? []), ...(this.candidate?.pods ?? [])], this.#seenMs);
  }

  #reconcile(nowMs: number): void {
    for (const name of ['stable', 'candidate'] as const) {
      const track = this[name];
      if (track === undefined) continue;
      const make = (): MemoryPod => makePod(`${this.name}-${name}-${++this.#pods}`, track.version, nowMs, this.versionOptions(track.version));
      // Pods that start in no time free the surge for more in the same instant.
      for (
        let before: readonly MemoryPod[] | undefined;
        before === undefined || before.length !== track.pods.length || before.some((pod, i) => pod !== track.pods[i]);
      ) {
        before = track.pods;
        track.pods = reconcile(track, nowMs, make);
      }
    }
  }
}
