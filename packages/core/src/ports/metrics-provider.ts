import type { Duration } from '../words/duration.js';
import type { Finding } from '../words/finding.js';
import type { TrackName } from '../words/revision.js';
import type { PortContext } from './context.js';
import type { Port } from './port.js';

/** Reads both tracks at one time; never judges, averages or fills in a zero. A throw is `unreachable`. `lag`: ingestion delay, `at` ≤ now − lag. */
export interface MetricsProvider extends Port {
  readonly lag: Duration;
  /** How often new samples come; nobody asks more often. @default '15s' */
  readonly interval?: Duration | undefined;
  /** What both tracks have counted, for one time. What cannot be told is `unavailable`, with the reason. */
  read(request: MetricsRequest, context: PortContext): Promise<MetricsReading>;
  /**
   * What helps to understand the counts and is part of no test: asked beside each `read`, and done without where it does not come. @default nothing is known
   */
  hints?(request: Pick<MetricsRequest, 'at' | 'tracks'>, context: PortContext): Promise<MetricsHints>;
  /** Before the first write. `stable`: what serves now, where the caller knows it; then missing series of it are an error. */
  preflight?(context: PortContext, stable?: TrackSelector): Promise<readonly Finding[]>;
  /**
   * Where this backend can count slow requests exactly, by rising bound, with what stable's last hour says. Asked once, before the rollout, because bounds are
   * fixed for all of it (AN 5). Empty: nothing is known of latency. @default only bounds that a gate names are asked for
   */
  bounds?(stable: TrackSelector, context: PortContext): Promise<readonly LatencyBound[]>;
  /**
   * What `read` would have answered at each `every` from `from` to `to`, both included and in this order, in few requests: for a backtest. A source that fails is
   * an error here, not a reading. @default `read`, once for each time. @throws ShepherdError
   */
  history?(request: HistoryRequest, context: PortContext): AsyncIterable<MetricsReading>;
  /** Names of the pods that were counted within this time, gone ones too. @throws ShepherdError */
  pods?(span: Pick<HistoryRequest, 'from' | 'to'>, context: PortContext): Promise<readonly string[]>;
  /**
   * What people watch after a release beside the counts: of the pods that serve, for one time. Asked beside each `read`, and done without where it does not come.
   * @default nothing is measured
   */
  usage?(request: { readonly at: string; readonly serving: TrackSelector }, context: PortContext): Promise<Usage>;
  /** Names of the alerts that fire in the app's namespace now, each once. @throws ShepherdError */
  alerts?(context: PortContext): Promise<readonly string[]>;
  /** Alert rules that name the app or its namespace, by name. @throws ShepherdError */
  alertRules?(context: PortContext): Promise<readonly AlertRule[]>;
}

/** A rule by which people are called. `broken`: why it could not be evaluated the last time. */
export interface AlertRule {
  readonly name: string;
  readonly broken?: string | undefined;
}

/** `saturation`: share of its CPU or memory that the fullest pod of a track uses, whichever is higher, 0 to 1. `notes`: sentences for people. */
export interface MetricsHints {
  readonly saturation?: Readonly<Partial<Record<TrackName, number>>> | undefined;
  readonly notes?: readonly string[] | undefined;
}

/** What is left out was not measured; that is never zero. `cpu`: cores, of all pods. `databaseConnections`: in use, of all pods. */
export interface Usage {
  readonly cpu?: number | undefined;
  /** By pod, in bytes; `limit` where it has one. */
  readonly memory?: Readonly<Record<string, { readonly used: number; readonly limit?: number | undefined }>> | undefined;
  readonly databaseConnections?: number | undefined;
}

/** `from`, `to`: ISO 8601. `bounds`, `tracks`: as in a `MetricsRequest`. */
export interface HistoryRequest {
  readonly from: string;
  readonly to: string;
  readonly every: Duration;
  readonly bounds: readonly number[];
  readonly tracks: Readonly<Record<TrackName, TrackSelector | undefined>>;
}

/** A place where requests can be told into fast and slow. */
export interface LatencyBound {
  readonly seconds: number;
  /** Share of requests that took longer, 0 to 1. */
  readonly slower: number;
}

/** `since`: end of the last reading, kept over crashes. `bounds`: latency in seconds, fixed before the rollout. */
export interface MetricsRequest {
  readonly at: string;
  readonly since: string;
  readonly bounds: readonly number[];
  readonly tracks: Readonly<Record<TrackName, TrackSelector | undefined>>;
}

/** One track by everything that a backend may know it by: hash of its revision, names of its pods, their labels. */
export interface TrackSelector {
  readonly revision: string;
  readonly pods: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** `slow[i]`: requests over `bounds[i]`; none at all where latency could not be read. */
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
        /** Requests that took at most so many seconds, by rising bound, all of them last (`null`: no bound); shown to people and never judged. */
        readonly latencies?: readonly (readonly [seconds: number | null, requests: number])[] | undefined;
      })[];
    }
  | { readonly kind: 'increments'; readonly since: string; readonly at: string; readonly tracks: Readonly<Record<TrackName, Counts | undefined>> }
  | { readonly kind: 'unavailable'; readonly reason: 'no-data' | 'stale' | 'invalid' | 'partial' | 'unreachable'; readonly detail: string };
