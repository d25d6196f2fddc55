import type { BenchRun } from '../bench.js';
import type { Gate } from './gate.js';
import { beaten, errorGates, latencyGates, speedGate, villeGate } from './gate.js';
import { type LatencyRow, latencyRowOf } from './latency-row.js';
import { policies } from './policies/index.js';
import { runAll } from './pool.js';
import { type Row, rowOf } from './row.js';
import { type CellTask, merge, type Tallied } from './run-cell.js';
import { type LatencyTask, latencyBounds, latencyCells } from './run-latency.js';
import type { VilleTask } from './run-ville.js';
import { measureSpeed } from './speed.js';
import { detectable, type FamilyScore, type Summary, scores, summarise } from './summary.js';
import { cells } from './world/cell.js';

/** Two: one core each of the smallest machine that this runs on. */
const threads = 2;
const villeRollouts = 2_000;

/** All that was seen. */
export interface Seen {
  readonly rollouts: number;
  readonly seeds: readonly number[];
  readonly rows: readonly (Row | LatencyRow)[];
  readonly summaries: readonly Summary[];
  readonly families: readonly FamilyScore[];
  readonly gates: readonly (Gate & { readonly why?: string })[];
  readonly facts: Readonly<Record<string, number>>;
}

type Part = Pick<Seen, 'rows' | 'gates'> & Partial<Pick<Seen, 'summaries' | 'families' | 'facts'>>;

const eachTenth = (run: BenchRun, name: string, of: number) => (finished: number) => {
  if (finished % Math.ceil(of / 10) === 0 || finished === of) run.log(`${name}: ${finished} of ${of}`);
};

async function errors(run: BenchRun, rollouts: number, seeds: readonly number[]): Promise<Part> {
  const tasks = cells.flatMap((cell) => seeds.map((seed): CellTask => ({ kind: 'cell', cell: cell.index, seed, rollouts })));
  const results = await runAll(tasks, threads, eachTenth(run, 'cells', tasks.length));
  const rows = cells.flatMap((cell) => {
    const own = results.filter((_, i) => tasks[i]?.cell === cell.index);
    return policies.map(({ name }, j) => rowOf(cell, name, own.map((list) => list[j] as Tallied).reduce(merge)));
  });
  const good = cells.filter(({ noise, bad }) => noise === 'iid' && bad === 1);
  const ville = good.map(({ index }): VilleTask => ({ kind: 'ville', cell: index, seed: seeds[0] ?? 1, rollouts: villeRollouts / good.length }));
  const crossed = (await runAll(ville, threads, () => undefined)).reduce((sum, each) => sum + each.crossed, 0);
  const families = scores(rows);
  return {
    rows,
    summaries: policies.map(({ name }) => summarise(rows, name)),
    families,
    gates: [...errorGates(rows), villeGate(crossed, villeRollouts), ...beaten(families)],
    facts: { detectableCells: detectable(rows).size },
  };
}

async function latency(run: BenchRun, rollouts: number, seeds: readonly number[]): Promise<Part> {
  const tasks = latencyCells.flatMap((cell) => seeds.map((seed): LatencyTask => ({ kind: 'latency', cell: cell.index, seed, rollouts })));
  const results = await runAll(tasks, threads, eachTenth(run, 'latency', tasks.length));
  const rows = latencyCells.map((cell) => {
    const own = results.filter((_, i) => tasks[i]?.cell === cell.index);
    return latencyRowOf(
      cell,
      own.reduce((a, b) => ({ rollouts: a.rollouts + b.rollouts, backAfter: [...a.backAfter, ...b.backAfter] })),
    );
  });
  return { rows, gates: latencyGates(rows) };
}

function speed(): Part {
  const [plain, full] = [measureSpeed([]), measureSpeed(latencyBounds)];
  return {
    rows: [],
    gates: [speedGate(full.judge)],
    facts: {
      judgeMicroseconds: plain.judge,
      judgeMicrosecondsWithLatency: full.judge,
      pollMicroseconds: plain.poll,
      pollMicrosecondsWithLatency: full.poll,
      wholeMicroseconds: plain.whole,
      wholeMicrosecondsWithLatency: full.whole,
      latencyBounds: latencyBounds.length,
      stateBytes: plain.bytes,
      stateBytesWithLatency: full.bytes,
    },
  };
}

/** @throws RangeError if `only` names no part */
export async function measure(run: BenchRun): Promise<Seen> {
  const { rollouts = 1_000, seeds = [1, 2, 3], only } = run;
  const all = { errors: () => errors(run, rollouts, seeds), latency: () => latency(run, rollouts, seeds), speed: async () => speed() };
  if (only !== undefined && !Object.hasOwn(all, only)) throw new RangeError(`no part ${only}: errors, latency or speed`);
  const parts: Part[] = [];
  for (const [name, part] of Object.entries(all)) if (only === undefined || only === name) parts.push(await part());
  return {
    rollouts,
    seeds,
    rows: parts.flatMap(({ rows }) => rows),
    summaries: parts.flatMap(({ summaries }) => summaries ?? []),
    families: parts.flatMap(({ families }) => families ?? []),
    gates: parts.flatMap(({ gates }) => gates),
    facts: Object.assign({}, ...parts.map(({ facts }) => facts ?? {})) as Seen['facts'],
  };
}
