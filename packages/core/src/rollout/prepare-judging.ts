import { detectability } from '../analysis/detectability.js';
import { boundsOf, type LatencyBounds } from '../analysis/latency-bounds.js';
import { latencyFor } from '../analysis/latency-for.js';
import { readMetrics } from '../analysis/read-metrics.js';
import { selectorOf } from '../analysis/track-selector.js';
import { invalidOptions } from '../errors/shepherd-error.js';
import type { Situation } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider, MetricsReading, TrackSelector } from '../ports/metrics-provider.js';
import { needsMetrics } from '../strategies/judging.js';
import { toMs } from '../words/duration.js';
import type { Finding } from '../words/finding.js';

/** What judging by metrics needs to know before the first write. */
export interface Judging {
  /** Fixed for the whole rollout (AN 5). */
  readonly latency: LatencyBounds;
  readonly findings: readonly Finding[];
  /** For people who read the plan: what can be seen at this traffic, and when. */
  readonly notes: readonly string[];
  /** What it was asked about, and when on the monotonic clock. */
  readonly asked: { readonly about: string; readonly atMs: number };
}

/** What a provider said this long ago holds when it is planned again under the lock; most rollouts wait for that no time at all. */
const freshMs = 30_000;

/**
 * Asks the provider whether it can judge this app at all, unless it said so just now (`before`). Undefined where no step wants it.
 * @throws ShepherdError ERR_INVALID_OPTIONS
 */
export async function prepareJudging(
  metrics: MetricsProvider | undefined,
  context: PortContext,
  steps: readonly Step[],
  { targets: [target] }: Pick<Situation, 'targets'>,
  before?: Judging,
): Promise<Judging | undefined> {
  const judged = steps.flatMap((step) => (step.kind === 'analyse' && needsMetrics(step.options) ? [step.options] : []));
  const [first] = judged;
  if (first === undefined) return undefined;
  if (metrics === undefined) {
    throw invalidOptions(
      [{ path: 'strategy.analysis', got: JSON.stringify(first), expected: 'metrics in the Shepherd: something must count the requests' }],
      'give the Shepherd a metrics provider, or say analysis: false to go by health checks and pods alone',
    );
  }
  const stable = selectorOf(target.stable);
  const atMs = context.clock.monotonicMs();
  const asked = { about: JSON.stringify([stable, judged, shareOf(steps)]), atMs };
  if (before?.asked.about === asked.about && atMs - before.asked.atMs <= freshMs) return before;
  const findings = (await metrics.preflight?.(context, stable)) ?? [];
  // What cannot be reached now says so in its findings; asking on would only say it again.
  if (findings.some(({ level }) => level === 'error')) return { latency: { compare: [] }, findings, notes: [], asked };
  const known = stable === undefined ? undefined : await metrics.bounds?.(stable, context);
  const limit = judged.find(({ latency }) => latency !== undefined)?.latency;
  const latency = latencyFor({ ...first, latency: limit }, known);
  const notes = stable === undefined ? [] : await whatShows(metrics, context, stable, latency, steps);
  return { latency, findings, notes, asked };
}

/** A release must not look judged where there are too few requests to judge by (AN 1.4). */
async function whatShows(
  metrics: MetricsProvider,
  context: PortContext,
  stable: TrackSelector,
  latency: LatencyBounds,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const share = shareOf(steps);
  if (share === undefined) return [];
  const now = context.clock.now().getTime();
  const at = new Date(now - toMs(metrics.lag)).toISOString();
  const since = new Date(now - toMs(metrics.lag) - hourMs).toISOString();
  const request = { at, since, bounds: boundsOf(latency), tracks: { stable, candidate: undefined } };
  const traffic = trafficOf(await readMetrics(metrics, request, context, readMs));
  if (traffic === undefined) return ['how many requests the app gets is not known yet, so nor is how soon a bad release shows'];
  if (traffic.requestsPerSecond === 0) return ['the app gets no requests now; without any, nothing can be judged'];
  return [detectability({ ...traffic, share, baseRate: Math.max(traffic.errorRate, leastErrorRate) }).sentence];
}

/** Of the traffic, that the new version gets first. */
const shareOf = (steps: readonly Step[]): number | undefined =>
  steps.flatMap((step) => (step.kind === 'shift' && step.weight > 0 && step.weight < 100 ? [step.weight / 100] : []))[0];

const hourMs = 3_600_000;
const readMs = 10_000;
/** An app without errors is taken for one that has few. */
const leastErrorRate = 0.001;

/** Requests a second of a reading, over the life of its counters. */
function trafficOf(reading: MetricsReading): { readonly requestsPerSecond: number; readonly errorRate: number } | undefined {
  if (reading.kind === 'unavailable') return undefined;
  if (reading.kind === 'increments') {
    const seconds = (Date.parse(reading.at) - Date.parse(reading.since)) / 1_000;
    const { requests, errors } = reading.tracks.stable ?? { requests: 0, errors: 0 };
    return seconds > 0 ? { requestsPerSecond: requests / seconds, errorRate: requests === 0 ? 0 : errors / requests } : undefined;
  }
  const lived = reading.targets.flatMap(({ startedAt, sampledAt, requests }) => {
    const seconds = startedAt === undefined ? 0 : (Date.parse(sampledAt) - Date.parse(startedAt)) / 1_000;
    return seconds > 0 ? [requests / seconds] : [];
  });
  if (lived.length === 0) return undefined;
  const [requests, errors] = reading.targets.reduce(([all, bad], target) => [all + target.requests, bad + target.errors], [0, 0]);
  return { requestsPerSecond: lived.reduce((sum, each) => sum + each, 0), errorRate: requests === 0 ? 0 : errors / requests };
}
