import type { BenchRun } from '../bench.js';
import { realPoints } from './real/run-points.js';
import { scenarios } from './scenario.js';
import { seededRandom } from './seeded-random.js';
import { play } from './virtual/play.js';
import { formatPoint, parseAsked } from './virtual/point.js';
import { type Failure, tryPoint, type VirtualResult } from './virtual/run-points.js';
import { virtualSideBySide } from './virtual/side-by-side.js';

const doublesOfScenario = 12;

/** The crash proof: `points` in this process on virtual time, `killed` real processes. */
export interface CrashResult {
  readonly name: 'crash';
  readonly points: number;
  readonly held: number;
  readonly killed: number;
  readonly killedHeld: number;
  readonly failures: readonly Failure[];
  /** Of the sample of second kills, and of which points go to real processes. */
  readonly seed: number;
  /** Calls at which a runner could die in the scenarios that were played. */
  readonly calls: number;
  /** From when the dead runner's lock may be taken until its rollout goes on, in s: with a Lease of 15 s, over all takeovers. */
  readonly resumedSeconds: { readonly median: number; readonly worst: number } | undefined;
}

/** @throws RangeError if `only` names no part */
export async function crash({ only, log }: BenchRun): Promise<CrashResult> {
  const seed = Date.now() % 1_000_000;
  log(`seed ${seed}`);
  const random = seededRandom(seed);
  const isReal = /^(children|cluster)(\/|$)/.test(only ?? '');
  const virtual = isReal ? none : await runVirtual(only === 'virtual' ? undefined : only, random, log);
  const real = isReal || only === undefined ? await realPoints({ only, random, log }) : none;
  return {
    name: 'crash',
    points: virtual.points,
    held: virtual.held,
    killed: real.points,
    killedHeld: real.held,
    failures: [...virtual.failures, ...real.failures],
    seed,
    calls: virtual.calls,
    resumedSeconds: summary([...virtual.resumedMs, ...real.resumedMs]),
  };
}

const none: VirtualResult = { points: 0, held: 0, failures: [], calls: 0, resumedMs: [] };

async function runVirtual(only: string | undefined, random: () => number, log: BenchRun['log']): Promise<VirtualResult> {
  const asked = only === undefined ? { scenarios, every: false } : parseAsked(only);
  if ('scenarios' in asked) return virtualSideBySide({ ...asked, doubles: doublesOfScenario, random, log });
  const undisturbed = await play(asked.scenario, []);
  const { why, played } = await tryPoint(asked, undisturbed);
  played?.calls.forEach((calls, index) => {
    log(`runner-${index + 1}: ${calls.map(({ atMs, text }, call) => `\n  ${call + 1} ${atMs} ms ${text}`).join('')}`);
  });
  for (const { sequence, at, type } of played?.events ?? []) log(`${sequence} ${at} ${type}`);
  const failures = why.length === 0 ? [] : [{ point: formatPoint(asked), call: played?.calls[0]?.at(-1)?.text ?? 'none', why }];
  return { points: 1, held: 1 - failures.length, failures, calls: undisturbed.calls[0]?.length ?? 0, resumedMs: played?.resumedMs ?? [] };
}

function summary(resumedMs: readonly number[]): CrashResult['resumedSeconds'] {
  const sorted = resumedMs.toSorted((a, b) => a - b);
  const seconds = (ms: number | undefined): number => Math.round(ms ?? 0) / 1_000;
  return sorted.length === 0 ? undefined : { median: seconds(sorted[Math.floor(sorted.length / 2)]), worst: seconds(sorted.at(-1)) };
}
