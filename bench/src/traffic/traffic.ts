import {
  installWeb,
  type Lab,
  openLab,
  type ReleaseName,
  releaseNames,
  releaseOf,
  rollOut,
  type StrategyName,
  strategyNames,
  strategyOf,
} from '../lab/index.js';
import { type Abort, measureAbort, measureBareSwitch, measureSwitch } from './facts.js';
import { measurePairs, type Pairs } from './pairs.js';
import { rowsOf, type TrafficRow } from './row.js';
import { measureUndrained, type Undrained, undrainedCases } from './undrained.js';

/** The last line of `npm run bench -- traffic --json`. `runs` of an app that drains; `undrained` of one that does not. */
export interface TrafficResult {
  readonly name: 'traffic';
  readonly runs: TrafficRow[];
  readonly undrained: Undrained[];
  readonly aborts: Abort[];
  /** Parts that could not be measured, and why; the exit code is 1 if there are any. */
  readonly errors: { readonly part: string; readonly message: string }[];
  pairs?: Omit<Pairs, 'rows'>;
  approvedSwitch?: Awaited<ReturnType<typeof measureSwitch>>;
  kubectlPatch?: Awaited<ReturnType<typeof measureBareSwitch>>;
}

interface Part {
  readonly name: string;
  run(lab: Lab, result: TrafficResult, log: (line: string) => void): Promise<void>;
}

const rollout = (strategy: StrategyName, release: ReleaseName): Part => ({
  name: `${strategy}/${release}`,
  run: async (lab, { runs }, log) => {
    const namespace = await lab.namespace('bench');
    const { url } = await installWeb(lab, namespace);
    const run = await rollOut({ lab, namespace, url, request: { strategy: strategyOf(strategy), release: releaseOf(release) } });
    await lab.drop(namespace);
    runs.push(...rowsOf(strategy, release, [run]));
    log(`${run.outcome.kind} after ${run.seconds.toFixed(1)} s, ${run.traffic.fresh.failed + run.traffic.kept.failed} failed`);
  },
});

const pairs: Part = {
  name: 'rolling/good',
  run: async (lab, result, log) => {
    const { rows, ...rest } = await measurePairs(lab, log);
    result.runs.push(...rows);
    result.pairs = rest;
  },
};

const parts: readonly Part[] = [
  ...strategyNames.flatMap((strategy) => releaseNames.map((release) => (strategy === 'rolling' && release === 'good' ? pairs : rollout(strategy, release)))),
  ...(['blue-green', 'canary'] as const).map(
    (strategy): Part => ({ name: `${strategy}/abort`, run: async (lab, { aborts }) => void aborts.push(await measureAbort(lab, strategy)) }),
  ),
  {
    name: 'blue-green/switch',
    run: async (lab, result) => {
      result.approvedSwitch = await measureSwitch(lab);
    },
  },
  {
    name: 'kubectl/patch',
    run: async (lab, result) => {
      result.kubectlPatch = await measureBareSwitch(lab);
    },
  },
  ...undrainedCases.map(
    (each): Part => ({
      name: `undrained/${each.by}${each.preStopSleep ? '+sleep' : ''}`,
      run: async (lab, { undrained }) => void undrained.push(...(await measureUndrained(lab, each))),
    }),
  ),
];

/**
 * Releases under traffic on a real cluster. `only`: the name of a part (`canary/crash`), or its beginning (`canary/`).
 * @throws Error if no part has such a name
 */
export async function traffic({ only = '', log }: { readonly only?: string | undefined; readonly log: (line: string) => void }): Promise<TrafficResult> {
  const chosen = parts.filter(({ name }) => (only.endsWith('/') ? name.startsWith(only) : only === '' || name === only));
  if (chosen.length === 0) throw new RangeError(`no part is called ${only}; there are ${parts.map(({ name }) => name).join(', ')}`);
  await using lab = await openLab();
  const result: TrafficResult = { name: 'traffic', runs: [], undrained: [], aborts: [], errors: [] };
  const started = performance.now();
  for (const [index, part] of chosen.entries()) {
    const say = (line: string): void => log(`${String(Math.round((performance.now() - started) / 1_000)).padStart(4)} s  ${part.name}  ${line}`);
    say(`part ${index + 1} of ${chosen.length}`);
    try {
      await part.run(lab, result, say);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      result.errors.push({ part: part.name, message });
      say(`could not be measured: ${message}`);
    }
  }
  return result;
}
