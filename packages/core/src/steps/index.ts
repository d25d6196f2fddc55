/** Constructors of steps: `import * as step from '@shepherd/core/steps'`. */
import type { Use } from '../extend/definition.js';
import type { Capacity, Target } from '../plan/situation.js';
import type { AnalysisOptions, ApprovalOptions, Step } from '../plan/step.js';
import type { App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

type T = Target | App;
const appOf = (target: T): App => ('app' in target ? target.app : target);

const isHeld = (target: T): boolean => 'autoscaled' in target && target.autoscaled?.holdable === true;

/** Makes the candidate's pods, and holds the autoscaler of an autoscaled target before. `isolated`: being ready brings them no traffic. */
export const apply = (target: T, { capacity, isolated }: { readonly capacity: Capacity; readonly isolated?: boolean }): Step => ({
  kind: 'apply',
  target: appOf(target),
  capacity,
  ...(isolated ? { isolated } : {}),
  ...(isHeld(target) ? { autoscaler: 'hold' } : {}),
});
/** A track wants so many pods, or such a share of those of the app. Resolves when stored; `ready` waits for them. */
export const scale = (target: T, track: TrackName, capacity: Capacity): Step => ({ kind: 'scale', target: appOf(target), track, capacity });
/** Waits until all pods of a track are ready. @default timeout '10m' */
export const ready = (target: T, track: TrackName, options: { readonly timeout?: Duration } = {}): Step => ({
  kind: 'ready',
  target: appOf(target),
  track,
  ...options,
});
/** Moves traffic to this percent for the candidate; where the platform has no finer means, by scaling. */
export const shift = (target: T, weight: number): Step => ({ kind: 'shift', target: appOf(target), weight });
/** Checks on the candidate before it matters. @default timeout '2m' */
export const smoke = (target: T, checks: readonly Use<'check'>[], options: { readonly timeout?: Duration } = {}): Step => ({
  kind: 'smoke',
  target: appOf(target),
  checks,
  track: 'candidate',
  ...options,
});
/** Checks on the track that serves. @default timeout '5m' */
export const verify = (target: T, checks: readonly Use<'check'>[] = [], track: TrackName = 'stable', options: { readonly timeout?: Duration } = {}): Step => ({
  kind: 'verify',
  target: appOf(target),
  checks,
  track,
  ...options,
});
/** Watches the candidate for this long and judges it. */
export const analyse = (target: T, time: Duration, options: AnalysisOptions = {}): Step => ({ kind: 'analyse', target: appOf(target), for: time, options });
/** A step of one's own, as `defineStep` made it. */
export const custom = (target: T, step: Use<'step'>): Step => ({ kind: 'custom', target: appOf(target), step, direction: 'do' });
/** Writes the candidate's template to stable and brings stable to all its pods. */
export const promote = (target: T): Step => ({ kind: 'promote', target: appOf(target) });
/** Writes the release to stable in place; the platform replaces pod by pod. */
export const roll = (target: T): Step => ({ kind: 'roll', target: appOf(target) });
/** Writes an older revision's template to stable and waits for its pods. */
export const restore = (target: T, hash: string): Step => ({ kind: 'restore', target: appOf(target), hash });
/** Waits for the drain, then takes a track's pods away; with the candidate goes the hold of the autoscaler. */
export const retire = (target: T, track: TrackName): Step => ({
  kind: 'retire',
  target: appOf(target),
  track,
  ...(isHeld(target) && track === 'candidate' ? { autoscaler: 'release' } : {}),
});
/** Stable wants so many pods from here on. */
export const resize = (target: T, replicas: number): Step => ({ kind: 'resize', target: appOf(target), replicas });
/** One pod goes, as budgets allow. */
export const evict = (target: T, pod: string): Step => ({ kind: 'evict', target: appOf(target), pod });
/** Waits for a person, until a deadline that decides for itself. */
export const approve = (options: ApprovalOptions): Step => ({ kind: 'approve', options });
/** Lets time pass. */
export const wait = (time: Duration): Step => ({ kind: 'wait', for: time });
