import type { BenchRun } from '../bench.js';
import { resultOf } from './run-program.js';
import { measureRates } from './serve-rate.js';

/** One figure against its goal. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly holds: boolean;
}

export interface SandboxResult {
  readonly name: 'sandbox';
  readonly figures: readonly Figure[];
  readonly held: number;
  /** What else was seen: the same on the wall clock, totals. */
  readonly facts: Readonly<Record<string, number | string>>;
}

type Part = { readonly figures: readonly Figure[]; readonly facts?: Readonly<Record<string, number | string>> };

const round = (value: unknown, digits = 0): number => Number(Number(value).toFixed(digits));
const atMost = (figure: string, value: number, unit: string, limit: number): Figure => ({ figure, value, unit, goal: `≤ ${limit}`, holds: value <= limit });
const atLeast = (figure: string, value: number, unit: string, limit: number): Figure => ({ figure, value, unit, goal: `≥ ${limit}`, holds: value >= limit });

async function start(): Promise<Part> {
  const runs: number[] = [];
  let importMs = 0;
  for (let i = 0; i < 5; i++) {
    const run = await resultOf('start');
    runs.push(Number(run['startMs']));
    importMs = Number(run['importMs']);
  }
  const [, , median = 0] = runs.toSorted((a, b) => a - b);
  return { figures: [atMost('start, median of five processes', round(median), 'ms', 200)], facts: { importMs: round(importMs) } };
}

async function rates(): Promise<Part> {
  const { reads, writes } = await measureRates();
  return {
    figures: [
      atLeast('reads over HTTP', reads.failed > 0 ? 0 : reads.perCoreSecond, '/s of one core', 2_000),
      atLeast('writes over HTTP', writes.failed > 0 ? 0 : writes.perCoreSecond, '/s of one core', 500),
    ],
    facts: { readsPerWallSecond: reads.perSecond, writesPerWallSecond: writes.perSecond },
  };
}

async function pods(): Promise<Part> {
  const run = await resultOf('pods');
  const figure = atMost('2,000 pods without servers, resident at most', round(run['peakMb']), 'MB', 400);
  return { figures: [{ ...figure, holds: figure.holds && run['pods'] === 2_000 }], facts: { readyPods: Number(run['pods']), podsReadyMs: round(run['ms']) } };
}

async function canary(): Promise<Part> {
  const run = await resultOf('canary');
  const figure = atMost('canary of 5 stages of 5 min on virtual time', round(run['ms']), 'ms', 1_000);
  const facts = { canaryVirtualMinutes: round(Number(run['virtualMs']) / 60_000, 1), canaryOutcome: String(run['outcome']) };
  return { figures: [{ ...figure, holds: figure.holds && run['outcome'] === 'succeeded' }], facts };
}

const parts: Readonly<Record<string, () => Promise<Part>>> = { start, rates, pods, canary };

/** @throws RangeError for a part that is not known */
export async function measureSandbox({ only, log }: BenchRun): Promise<SandboxResult> {
  if (only !== undefined && !Object.hasOwn(parts, only)) throw new RangeError(`no such part: ${only}; there are ${Object.keys(parts).join(', ')}`);
  const figures: Figure[] = [];
  const facts: Record<string, number | string> = {};
  for (const [name, measure] of Object.entries(parts)) {
    if (only !== undefined && name !== only) continue;
    log(`sandbox: ${name}`);
    const part = await measure();
    figures.push(...part.figures);
    Object.assign(facts, part.facts);
  }
  return { name: 'sandbox', figures, held: figures.filter(({ holds }) => holds).length, facts };
}
