import { aggregate, part, type Source, union, vectorOf } from '../promql/expression.js';
import type { Selection } from './selection.js';

/**
 * What a row of an answer says. `samples`: how many there were in five minutes. `native` rows are not marked, because `label_replace` of an older
 * Prometheus (2.42) makes them zeros.
 */
export type PartName = 'requests' | 'errors' | 'buckets' | 'native' | 'sampled' | 'samples' | 'started' | 'created';

export type Labels = Readonly<Record<string, string>>;

/** How an app's metrics are called, and what its labels mean. */
export interface Vocabulary {
  readonly name: string;
  /** Labels that name a target: one process that counts. */
  readonly target: readonly string[];
  /** Rows are one a target (and bucket) already; otherwise they are added up. */
  readonly single: boolean;
  /** Of the bounds of its latency histogram. */
  readonly unitsPerSecond: number;
  /** Names with dots, in quotes: only Prometheus 3 can read a query for them. @default false */
  readonly dotted?: boolean | undefined;
  /** Whether any requests of the app are known, as a vector. */
  presence(selection: Selection): string;
  /** All that a poll needs of one track, in one query. */
  query(selection: Selection, needs: { readonly latency: boolean }): string;
  /** How latencies spread lately, over all targets: `buckets` and `native`. Undefined where there is no histogram. */
  lastHour(selection: Selection): string | undefined;
  /** Whether a request of these labels failed (AN 1.5); undefined where they do not tell. */
  judge(labels: Labels): 'good' | 'bad' | undefined;
  /** How full the pods of a track are, 0 to 1, as a vector. @default by their CPU and memory */
  saturation?(selection: Selection): string | undefined;
  /** Requests of the app within a time that belong to no track, as a vector. */
  lost?(selection: Selection, window: string): string;
  /** @throws SelectionError for a query that is none */
  check?(selection: Selection): Promise<void>;
}

/** A vocabulary of one request counter and a histogram. */
export interface Family {
  readonly name: string;
  readonly target: readonly string[];
  readonly status: readonly string[];
  readonly unitsPerSecond: number;
  readonly judge: Vocabulary['judge'];
  sources(selection: Selection): {
    readonly requests: readonly Source[];
    readonly buckets: readonly Source[];
    /** The native histogram; it has the name without `_bucket`. */
    readonly native: readonly Source[];
    readonly started: readonly Source[];
    readonly created?: readonly Source[] | undefined;
  };
}

export function vocabularyOf({ name, target, status, unitsPerSecond, judge, sources }: Family): Vocabulary {
  return {
    name,
    target,
    single: false,
    unitsPerSecond,
    judge,
    presence: (selection) => vectorOf(sources(selection).requests),
    query(selection, { latency }) {
      const { requests, buckets, native, started, created } = sources(selection);
      const parts: [PartName, string][] = [
        ['requests', aggregate('sum', [...target, ...status], vectorOf(requests))],
        [
          'sampled',
          aggregate(
            'max',
            target,
            vectorOf(requests, (bare) => `timestamp(${bare})`),
          ),
        ],
        [
          'samples',
          aggregate(
            'max',
            target,
            vectorOf(requests, (bare) => `count_over_time(${bare}[5m])`),
          ),
        ],
        ['started', vectorOf(started)],
      ];
      if (created !== undefined) parts.push(['created', aggregate('min', target, vectorOf(created))]);
      if (latency) {
        parts.push(['buckets', aggregate('sum', [...target, 'le'], vectorOf(buckets))]);
      }
      const marked = parts.map(([each, vector]) => part(each, vector));
      return union(latency ? [...marked, aggregate('sum', target, vectorOf(native))] : marked);
    },
    lastHour(selection) {
      const { buckets, native } = sources(selection);
      const hour = (bare: string): string => `increase(${bare}[1h])`;
      return union([part('buckets', aggregate('sum', ['le'], vectorOf(buckets, hour))), aggregate('sum', [], vectorOf(native, hour))]);
    },
  };
}
