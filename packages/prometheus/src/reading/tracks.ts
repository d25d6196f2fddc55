import { type MetricsReading, type MetricsRequest, toMs } from '@shepherd/core';
import type { Vector } from '../api/answer.js';
import type { PrometheusOptions } from '../options.js';
import { type Selection, SelectionError } from '../vocabularies/selection.js';
import type { Vocabulary } from '../vocabularies/vocabulary.js';
import { readTrack } from './reading.js';
import { Unreadable } from './unreadable.js';

/** The answers of all tracks at one time as a reading. @throws Unreadable */
export function readTracks(
  vectors: readonly { readonly selection: Selection; readonly vector: Vector }[],
  vocabulary: Vocabulary,
  request: Pick<MetricsRequest, 'at' | 'bounds'>,
  { scrapeInterval }: Pick<PrometheusOptions, 'scrapeInterval'>,
): MetricsReading {
  const readings = vectors.map(({ selection, vector }) => readTrack(vector, selection.track ?? 'stable', vocabulary, request));
  const intervalMs = scrapeInterval === undefined ? Math.min(...readings.map((reading) => reading.intervalMs)) : toMs(scrapeInterval);
  for (const [index, { newestMs }] of readings.entries()) {
    const age = Date.parse(request.at) - newestMs;
    if (age > 2 * intervalMs)
      throw new Unreadable(
        'stale',
        `the newest sample of ${vectors[index]?.selection.track} is ${Math.round(age / 1_000)} s old, at an interval of ${Math.round(intervalMs / 1_000)} s`,
      );
  }
  return { kind: 'counters', at: request.at, targets: readings.flatMap(({ targets }) => targets) };
}

/** Answers that cannot be read, as a reading without counts. @throws the error, if it is another */
export function unavailable(error: unknown): MetricsReading {
  if (error instanceof Unreadable) return { kind: 'unavailable', reason: error.reason, detail: error.message };
  if (error instanceof SelectionError) return { kind: 'unavailable', reason: 'invalid', detail: error.message };
  throw error;
}
