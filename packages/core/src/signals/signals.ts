import { percent } from '../analysis/figures.js';
import type { Usage } from '../ports/metrics-provider.js';
import { type Counted, quantile } from './counts.js';

/** The five that people watch after a release (guide H4), of the pods that serve. What is left out was not measured; that is never zero. JSON. */
export interface Signals {
  /** Cores, of all pods. */
  readonly cpu?: number | undefined;
  /** Bytes of the fullest pod: the one nearest to its limit, or with the most. */
  readonly memory?: number | undefined;
  /** Share of failed requests in the last five minutes, 0 to 1. */
  readonly errorRate?: number | undefined;
  /** Seconds that 99 in 100 requests of the last five minutes took at most, by the bounds that they are counted in. */
  readonly p99?: number | undefined;
  /** In use, of all pods. */
  readonly databaseConnections?: number | undefined;
}

export const signalNames = ['cpu', 'memory', 'errorRate', 'p99', 'databaseConnections'] as const satisfies readonly (keyof Signals)[];

/** One signal over the whole watch; `times`: how often it was measured. */
export interface SignalSummary {
  readonly first: number;
  readonly last: number;
  readonly least: number;
  readonly most: number;
  readonly times: number;
}

/** By signal; one that was never measured is left out. */
export type SignalsSummary = Readonly<Partial<Record<keyof Signals, SignalSummary>>>;

export function signalsOf({ cpu, memory = {}, databaseConnections }: Usage, counted: Counted): Signals {
  const pods = Object.values(memory).toSorted(
    (a, b) => b.used / (b.limit ?? Number.POSITIVE_INFINITY) - a.used / (a.limit ?? Number.POSITIVE_INFINITY) || b.used - a.used,
  );
  const p99 = quantile(counted.latencies, 0.99);
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(pods[0] === undefined ? {} : { memory: pods[0].used }),
    ...(counted.requests === 0 ? {} : { errorRate: counted.errors / counted.requests }),
    ...(p99 === undefined ? {} : { p99 }),
    ...(databaseConnections === undefined ? {} : { databaseConnections }),
  };
}

/** The summary with one more measurement. */
export function summed(summary: SignalsSummary, signals: Signals): SignalsSummary {
  const next: Partial<Record<keyof Signals, SignalSummary>> = { ...summary };
  for (const name of signalNames) {
    const value = signals[name];
    if (value === undefined) continue;
    const { first = value, least = value, most = value, times = 0 } = next[name] ?? {};
    next[name] = { first, last: value, least: Math.min(least, value), most: Math.max(most, value), times: times + 1 };
  }
  return next;
}

const words: Readonly<Record<keyof Signals, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  errorRate: 'errors',
  p99: 'P99',
  databaseConnections: 'database connections',
};
const texts: Readonly<Record<keyof Signals, (value: number) => string>> = {
  cpu: (value) => `${value.toFixed(2)} cores`,
  memory: (value) => `${(value / 2 ** 20).toFixed(1)} MiB`,
  errorRate: percent,
  p99: (value) => (value < 1 ? `${Math.round(value * 1_000)} ms` : `${value.toFixed(2)} s`),
  databaseConnections: (value) => String(Math.round(value)),
};

/** `CPU 0.42 cores · memory 310.0 MiB · errors 0.1 % · P99 180 ms · database connections not measured`. */
export const formatSignals = (signals: Signals): string =>
  signalNames.map((name) => `${words[name]} ${signals[name] === undefined ? 'not measured' : texts[name](signals[name])}`).join(' · ');

/** A line for each signal: how it began, how it ended, and between what it was. */
export const formatSummary = (summary: SignalsSummary): readonly string[] =>
  signalNames.map((name) => {
    const found = summary[name];
    if (found === undefined) return `${words[name]}: not measured`;
    const text = texts[name];
    return `${words[name]}: ${text(found.first)} at first, ${text(found.last)} at last, ${text(found.least)} to ${text(found.most)}`;
  });
