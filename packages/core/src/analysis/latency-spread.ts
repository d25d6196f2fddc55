import type { MetricsReading } from '../ports/metrics-provider.js';
import type { TrackName } from '../words/revision.js';
import { bound } from './figures.js';

type Counters = Extract<MetricsReading, { kind: 'counters' }>['targets'][number];

/** The bucket that a quantile lies in, in seconds: above the first, at most the second; null: nobody knows how far above. */
export type Bucket = readonly [above: number, atMost: number | null];
export type Quantiles = Readonly<Record<'p50' | 'p95' | 'p99', Bucket>>;
export type LatencyQuantiles = Readonly<Partial<Record<TrackName, Quantiles>>>;

const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const names = ['candidate', 'stable'] as const satisfies readonly TrackName[];

interface Known {
  readonly bounds: string;
  readonly counts: readonly number[];
}

interface Sum {
  readonly bounds: readonly (number | null)[];
  readonly counts: number[];
}

/**
 * How the latencies of both tracks lie since this process began to watch; of the judged track, since its pods began. For people: a quantile is no test
 * (AN 5). Kept in no record, so another process begins anew.
 */
export class LatencySpread {
  readonly #judged: TrackName;
  readonly #known = new Map<string, Known>();
  readonly #sums = new Map<TrackName, Sum>();

  constructor(judged: TrackName) {
    this.#judged = judged;
  }

  observe(reading: MetricsReading): void {
    if (reading.kind === 'counters') for (const target of reading.targets) this.#take(target);
  }

  #take({ track, target, latencies }: Counters): void {
    if (latencies === undefined || latencies.length === 0) return;
    const bounds = latencies.map(([seconds]) => seconds);
    const counts = latencies.map(([, requests]) => requests);
    const layout = bounds.join();
    const key = `${track} ${target}`;
    const last = this.#known.get(key);
    this.#known.set(key, { bounds: layout, counts });
    const began = last === undefined ? track === this.#judged : last.bounds !== layout || counts.some((count, i) => count < (last.counts[i] ?? 0));
    if (last === undefined && !began) return;
    const sum = this.#sums.get(track);
    // Pods of one version that count in different buckets have no common distribution.
    if (sum !== undefined && sum.bounds.join() !== layout) return;
    const { counts: added } = sum ?? { counts: counts.map(() => 0) };
    for (const [i, count] of counts.entries()) added[i] = (added[i] ?? 0) + count - (began ? 0 : (last?.counts[i] ?? 0));
    if (sum === undefined) this.#sums.set(track, { bounds, counts: added });
  }

  get quantiles(): LatencyQuantiles | undefined {
    const found: Partial<Record<TrackName, Quantiles>> = {};
    for (const name of names) {
      const sum = this.#sums.get(name);
      const all = sum?.counts.at(-1) ?? 0;
      if (sum === undefined || all <= 0) continue;
      const at = (share: number): Bucket => {
        const i = sum.counts.findIndex((count) => count >= share * all);
        return [sum.bounds[i - 1] ?? 0, sum.bounds[i] ?? null];
      };
      found[name] = { p50: at(quantiles.p50), p95: at(quantiles.p95), p99: at(quantiles.p99) };
    }
    return Object.keys(found).length === 0 ? undefined : found;
  }

  /** `latency, P50, P95 and P99: candidate 5 to 10 ms, 25 to 50 ms, over 10 s; stable …`; undefined where nothing is known. */
  get note(): string | undefined {
    const found = this.quantiles;
    if (found === undefined) return undefined;
    const tracks = names.flatMap((name) => {
      const of = found[name];
      return of === undefined ? [] : [`${name} ${[of.p50, of.p95, of.p99].map(bucketText).join(', ')}`];
    });
    return `latency, P50, P95 and P99: ${tracks.join('; ')}`;
  }
}

function bucketText([above, atMost]: Bucket): string {
  if (atMost === null) return `over ${bound(above)}`;
  if (above === 0) return `up to ${bound(atMost)}`;
  const [from, to] = [bound(above), bound(atMost)];
  const [, unit] = to.split(' ');
  return from.endsWith(` ${unit}`) ? `${from.split(' ')[0]} to ${to}` : `${from} to ${to}`;
}
