import type { MetricsReading, MetricsRequest, TrackName } from '@shepherd/core';
import type { Vector } from '../api/answer.js';
import type { Vocabulary } from '../vocabularies/vocabulary.js';
import { type Latency, latenciesOf, slowOf, spreadOf } from './latency.js';
import { nameOf, type Parts, partsOf, type Target } from './parts.js';
import { Unreadable } from './unreadable.js';

type Counter = Extract<MetricsReading, { kind: 'counters' }>['targets'][number];

/** One track of an answer. Times are milliseconds since 1970. */
export interface TrackReading {
  readonly targets: readonly Counter[];
  readonly newestMs: number;
  /** Between two samples, as far as that can be seen. */
  readonly intervalMs: number;
}

const windowMs = 5 * 60_000;
const longestIntervalMs = 2 * 60_000;
/** Clocks of two machines; the instant query itself returns nothing later than its time. */
const toleranceMs = 1_000;

/** @throws Unreadable */
export function readTrack(vector: Vector, track: TrackName, vocabulary: Vocabulary, { at, bounds }: Pick<MetricsRequest, 'at' | 'bounds'>): TrackReading {
  if (vector.warnings.length > 0) throw new Unreadable('partial', `Prometheus warns: ${vector.warnings.join('; ')}`);
  const parts = partsOf(vector.rows, vocabulary);
  const latencies = bounds.length === 0 ? new Map<string, Latency>() : latenciesOf(parts);
  const units = bounds.map((bound) => bound * vocabulary.unitsPerSecond);
  const atMs = Date.parse(at);
  const targets: Counter[] = [];
  let newestMs = 0;
  let intervalMs = longestIntervalMs;
  for (const [id, { target, requests, errors }] of countsOf(parts, vocabulary)) {
    const name = nameOf(target);
    if (errors > requests) throw new Unreadable('invalid', `${name}: ${errors} errors of ${requests} requests`);
    const sampledMs = sampledOf(parts, id, atMs, name);
    const startedMs = startedOf(parts, id, atMs);
    const slow = slowOf(latencies.get(id), units, requests) ?? [];
    const spread = spreadOf(latencies.get(id), vocabulary.unitsPerSecond);
    const startedAt = startedMs === undefined ? {} : { startedAt: new Date(startedMs).toISOString() };
    targets.push({ track, target: `${track}/${name}`, requests, errors, slow, sampledAt: new Date(sampledMs).toISOString(), ...startedAt, ...spread });
    newestMs = Math.max(newestMs, sampledMs);
    intervalMs = Math.min(intervalMs, intervalOf(parts, id, sampledMs, startedMs));
  }
  if (targets.length === 0) throw new Unreadable('no-data', `no requests of ${track} are known`);
  return { targets, newestMs, intervalMs };
}

/** Requests and errors of each target, from the same samples. */
function countsOf(parts: Parts, vocabulary: Vocabulary): ReadonlyMap<string, { readonly target: Target; readonly requests: number; readonly errors: number }> {
  const counts = new Map<string, { target: Target; requests: number; errors: number }>();
  for (const [id, rows] of parts.requests) {
    const target = rows[0]?.target;
    if (target === undefined) continue;
    const count = { target, requests: 0, errors: 0 };
    for (const { labels, value } of rows) {
      const judged = vocabulary.judge(labels);
      if (judged === undefined) throw new Unreadable('invalid', `${nameOf(target)}: no label of its requests says how they ended: ${JSON.stringify(labels)}`);
      count.requests += value;
      if (judged === 'bad') count.errors += value;
    }
    for (const { value } of parts.errors.get(id) ?? []) count.errors += value;
    counts.set(id, count);
  }
  return counts;
}

function sampledOf({ sampled }: Parts, id: string, atMs: number, name: string): number {
  const rows = sampled.get(id);
  // Own queries have no sample times where the pods have no `up`.
  if (rows === undefined) return atMs;
  const sampledMs = Math.max(...rows.map(({ value }) => value * 1_000));
  if (sampledMs > atMs + toleranceMs) throw new Unreadable('invalid', `${name}: a sample from the future, ${new Date(sampledMs).toISOString()}`);
  return Math.min(sampledMs, atMs);
}

/** Undefined where nothing says it, or a clock that runs ahead does. */
function startedOf({ started, created }: Parts, id: string, atMs: number): number | undefined {
  const seconds = (started.get(id) ?? created.get(id) ?? []).map(({ value }) => value);
  const startedMs = Math.max(...seconds) * 1_000;
  return seconds.length === 0 || startedMs > atMs ? undefined : startedMs;
}

/** From how many samples the last five minutes hold, or the life of the process. */
function intervalOf({ samples }: Parts, id: string, sampledMs: number, startedMs: number | undefined): number {
  const count = Math.max(0, ...(samples.get(id) ?? []).map(({ value }) => value));
  const seenMs = Math.min(windowMs, startedMs === undefined ? windowMs : sampledMs - startedMs);
  return count < 2 ? longestIntervalMs : Math.max(1_000, seenMs / (count - 1));
}
