import type { Sample } from '../series-store.js';

/** How much a counter rose in a range that ends at `endMs`, stretched to its edges as Prometheus does; undefined for fewer than two samples. */
export function increaseOf(samples: readonly Sample[], rangeMs: number, endMs: number): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  let rise = last.value - first.value;
  for (const [index, { value }] of samples.entries()) {
    const before = samples[index - 1]?.value ?? value;
    if (value < before) rise += before;
  }
  const spanMs = last.atMs - first.atMs;
  const stepMs = spanMs / (samples.length - 1);
  const edge = (ms: number): number => (ms >= stepMs * 1.1 ? stepMs / 2 : ms);
  const start = edge(first.atMs - (endMs - rangeMs));
  // A counter was not below zero.
  const sinceZero = rise > 0 && first.value >= 0 ? (spanMs * first.value) / rise : Number.POSITIVE_INFINITY;
  return (rise * (spanMs + Math.min(start, sinceZero) + edge(endMs - last.atMs))) / spanMs;
}
