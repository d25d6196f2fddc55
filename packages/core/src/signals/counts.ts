import type { MetricsReading } from '../ports/metrics-provider.js';

type Target = Extract<MetricsReading, { kind: 'counters' }>['targets'][number];

/** Requests that took at most so many seconds, by rising bound; the last has none. */
export type Latencies = readonly (readonly [seconds: number | null, requests: number])[];

/** What was counted within a time. */
export interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly latencies: Latencies;
}

export const nothingCounted: Counted = { requests: 0, errors: 0, latencies: [] };

/** What a counter went up by; one that is lower than before began anew. */
const rise = (now: number, before: number): number => (now < before ? now : now - before);
const layoutOf = (latencies: Latencies): string => latencies.map(([seconds]) => seconds).join();

/** Requests that took longer in another layout of buckets cannot be added: what was counted by the one before is dropped. */
export function plus(a: Counted, b: Counted): Counted {
  const same = layoutOf(a.latencies) === layoutOf(b.latencies);
  const latencies = same ? a.latencies.map(([seconds, requests], i) => [seconds, requests + (b.latencies[i]?.[1] ?? 0)] as const) : b.latencies;
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, latencies: b.latencies.length === 0 ? a.latencies : latencies };
}

/** Counters of targets, read again and again, as what was counted between two readings. */
export class Counting {
  readonly #last = new Map<string, Target>();

  /** Undefined: nothing can be told of this time; a target that was not seen before is counted from its next reading on. */
  next(reading: MetricsReading): Counted | undefined {
    if (reading.kind === 'increments') {
      const { stable } = reading.tracks;
      return stable === undefined ? undefined : { requests: stable.requests, errors: stable.errors, latencies: [] };
    }
    if (reading.kind !== 'counters') return undefined;
    let sum: Counted | undefined;
    for (const target of reading.targets) {
      const last = this.#last.get(target.target);
      this.#last.set(target.target, target);
      if (last !== undefined) sum = plus(sum ?? nothingCounted, between(last, target));
    }
    return sum;
  }
}

function between(last: Target, now: Target): Counted {
  const [before, after] = [last.latencies ?? [], now.latencies ?? []];
  const began = now.requests < last.requests || layoutOf(before) !== layoutOf(after);
  return {
    requests: rise(now.requests, last.requests),
    errors: began ? now.errors : rise(now.errors, last.errors),
    latencies: after.map(([seconds, requests], i) => [seconds, began ? requests : rise(requests, before[i]?.[1] ?? 0)] as const),
  };
}

/** The quantile, in seconds, linear within its bucket as `histogram_quantile` has it; beyond the last bound that bound. Undefined: nothing was counted. */
export function quantile(latencies: Latencies, share: number): number | undefined {
  const all = latencies.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  const wanted = share * all;
  const i = latencies.findIndex(([, requests]) => requests >= wanted);
  const [from = 0, below = 0] = latencies[i - 1] ?? [];
  const [to, upTo] = latencies[i] as Latencies[number];
  if (to === null) return from ?? undefined;
  return (from ?? 0) + ((to - (from ?? 0)) * (wanted - below)) / Math.max(upTo - below, Number.MIN_VALUE);
}
