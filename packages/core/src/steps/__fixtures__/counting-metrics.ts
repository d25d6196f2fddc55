import type { Clock } from '../../ports/clock.js';
import type { LatencyBound, MetricsProvider, MetricsReading, MetricsRequest } from '../../ports/metrics-provider.js';
import type { Finding } from '../../words/finding.js';
import type { TrackName } from '../../words/revision.js';

export interface Counting {
  /** Requests a second of the whole app; the tracks share them by their pods. */
  readonly rate: number;
  readonly errors: Readonly<Record<TrackName, number>>;
  readonly slow?: Readonly<Record<TrackName, number>> | undefined;
  /** Instead of an answer, at this time of the clock. */
  readonly instead?: ((atMs: number, startedMs: number) => Promise<MetricsReading> | MetricsReading | undefined) | undefined;
  readonly findings?: readonly Finding[] | undefined;
  readonly bounds?: readonly LatencyBound[] | undefined;
}

/** A provider over pods that count exactly what they should, without chance: each share of errors is met to one request. */
export function countingMetrics(clock: Clock, { rate, errors, slow, instead, findings = [], bounds = [] }: Counting): MetricsProvider & { reads: MetricsRequest[] } {
  const startedMs = clock.now().getTime();
  const totals: Record<TrackName, { requests: number; since: string }> = {
    stable: { requests: rate * 3_600, since: new Date(startedMs - 3_600_000).toISOString() },
    candidate: { requests: 0, since: new Date(startedMs).toISOString() },
  };
  let lastMs = startedMs;
  const reads: MetricsRequest[] = [];
  return {
    specificationVersion: 'v1',
    name: 'counting',
    lag: '1s',
    reads,
    preflight: async () => findings,
    bounds: async () => bounds,
    async read(request) {
      reads.push(request);
      const atMs = Date.parse(request.at);
      const said = await instead?.(atMs, startedMs);
      if (said !== undefined) return said;
      const pods = { stable: request.tracks.stable?.pods.length ?? 0, candidate: request.tracks.candidate?.pods.length ?? 0 };
      const all = Math.max(1, pods.stable + pods.candidate);
      const tracks = (['stable', 'candidate'] as const).filter((track) => request.tracks[track] !== undefined);
      const served = (Math.max(0, atMs - lastMs) / 1_000) * rate;
      lastMs = Math.max(lastMs, atMs);
      return {
        kind: 'counters',
        at: request.at,
        targets: tracks.map((track) => {
          const total = totals[track];
          if (track === 'candidate' && total.requests === 0) total.since = new Date(atMs - 1_000).toISOString();
          total.requests += Math.round((served * pods[track]) / all);
          const share = (of: Readonly<Record<TrackName, number>> | undefined): number => Math.floor(total.requests * (of?.[track] ?? 0));
          return {
            track,
            target: track,
            startedAt: total.since,
            sampledAt: request.at,
            requests: total.requests,
            errors: share(errors),
            slow: request.bounds.map(() => share(slow)),
          };
        }),
      };
    },
  };
}
