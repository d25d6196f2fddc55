import type { LatencyBound } from '@shepherd/core';
import type { Row } from '../api/answer.js';
import { countAbove } from '../api/native-histogram.js';
import type { Vocabulary } from '../vocabularies/vocabulary.js';
import { type Latency, latenciesOf, powersOfTwo } from './latency.js';
import { partsOf } from './parts.js';

/** @throws Unreadable for buckets that are no counts */
export function boundsOf(rows: readonly Row[], vocabulary: Vocabulary): readonly LatencyBound[] {
  const parts = partsOf(rows, { ...vocabulary, single: false });
  const unit = vocabulary.unitsPerSecond;
  for (const latency of latenciesOf(parts).values()) {
    const exact =
      latency.kind === 'classic' ? latency.buckets.slice(0, -1).map(([le]) => le) : powersOfTwo.map((power) => (unit === 1 ? power : power * 1_024));
    const all = latency.kind === 'classic' ? (latency.buckets.at(-1)?.[1] ?? 0) : latency.histogram.count;
    if (all <= 0) continue;
    return exact.map((bound) => ({ seconds: bound / unit, slower: Math.max(0, aboveOf(latency, bound, all)) / all }));
  }
  return [];
}

const aboveOf = (latency: Latency, bound: number, all: number): number =>
  latency.kind === 'native' ? countAbove(latency.histogram, bound) : all - (latency.buckets.find(([le]) => le === bound)?.[1] ?? 0);
