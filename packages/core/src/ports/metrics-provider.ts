import type { Duration } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import type { PortContext } from './context.js';
import type { Port } from './port.js';

/** Reads both tracks at one time; never judges, averages or fills in a zero. A throw is `unreachable`. `lag`: ingestion delay, `at` ≤ now − lag. */
export interface MetricsProvider extends Port {
  readonly lag: Duration;
  read(request: MetricsRequest, context: PortContext): Promise<MetricsReading>;
}

/** `since`: end of the last reading, kept over crashes. `bounds`: latency in seconds, fixed before the rollout. */
export interface MetricsRequest {
  readonly at: string;
  readonly since: string;
  readonly bounds: readonly number[];
  readonly tracks: Readonly<Record<TrackName, TrackSelector | undefined>>;
}

export interface TrackSelector {
  readonly revision: string;
  readonly pods: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** `slow[i]`: requests over `bounds[i]`. */
export interface Counts {
  readonly requests: number;
  readonly errors: number;
  readonly slow: readonly number[];
}

/** `counters`: cumulative since a target started; core finds the resets. `increments`: within (since, at]. */
export type MetricsReading =
  | {
      readonly kind: 'counters';
      readonly at: string;
      readonly targets: readonly (Counts & {
        readonly track: TrackName;
        readonly target: string;
        readonly startedAt?: string | undefined;
        readonly sampledAt: string;
      })[];
    }
  | { readonly kind: 'increments'; readonly since: string; readonly at: string; readonly tracks: Readonly<Record<TrackName, Counts | undefined>> }
  | { readonly kind: 'unavailable'; readonly reason: 'no-data' | 'stale' | 'invalid' | 'partial' | 'unreachable'; readonly detail: string };
