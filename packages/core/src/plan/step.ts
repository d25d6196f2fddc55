import type { Use } from '../extend/definition.js';
import type { App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import type { Capacity } from './situation.js';

interface On<K extends string> {
  readonly kind: K;
  readonly target: App;
}

interface Checked {
  readonly checks: readonly Use<'check'>[];
  readonly track: TrackName;
  readonly timeout?: Duration | undefined;
}

/** One step of a plan; the constructors are in `@shepherd/core/steps`. Each is JSON and bears a repeat. `autoscaler`: what the step does with it first. */
export type Step =
  | (On<'apply'> & { readonly capacity: Capacity; readonly isolated?: boolean | undefined; readonly autoscaler?: 'hold' | undefined })
  | (On<'scale'> & { readonly track: TrackName; readonly capacity: Capacity })
  | (On<'ready'> & { readonly track: TrackName; readonly timeout?: Duration | undefined })
  | (On<'smoke'> & Checked)
  | (On<'verify'> & Checked)
  | (On<'shift'> & { readonly weight: number })
  | (On<'analyse'> & { readonly for: Duration; readonly options: AnalysisOptions })
  | On<'promote'>
  | (On<'resize'> & { readonly replicas: number })
  | (On<'evict'> & { readonly pod: string })
  | On<'roll'>
  | (On<'retire'> & { readonly track: TrackName; readonly autoscaler?: 'release' | undefined })
  | (On<'restore'> & { readonly hash: string })
  | (On<'custom'> & { readonly step: Use<'step'>; readonly direction: 'do' | 'undo' })
  | { readonly kind: 'approve'; readonly options: ApprovalOptions }
  | { readonly kind: 'wait'; readonly for: Duration };

/**
 * How a candidate is judged. `against`: the live stable track, or limits alone (soak; after a switch).
 * @default { against: 'stable', sensitivity: 'medium', onInconclusive: 'pause' }
 */
export interface AnalysisOptions {
  /** Share of failed requests, 0 to 1. `mode`: by evidence, or the bare share of a stage from `minRequests` (20) on. @default mode 'evidence' */
  readonly errorRate?: { readonly max: number; readonly mode?: 'evidence' | 'threshold' | undefined } | undefined;
  readonly latency?: { readonly quantile: number; readonly max: Duration } | undefined;
  readonly checks?: readonly Use<'check'>[] | undefined;
  readonly minRequests?: number | undefined;
  readonly sensitivity?: 'low' | 'medium' | 'high' | undefined;
  readonly against?: 'stable' | 'limits' | undefined;
  readonly onInconclusive?: 'pause' | 'rollback' | 'promote' | undefined;
}

/** Every wait for a person has a deadline and a default (RR V3). */
export interface ApprovalOptions {
  readonly message?: string | undefined;
  readonly timeout: Duration;
  readonly onTimeout: 'approve' | 'reject';
}
