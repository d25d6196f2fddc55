import { judgeChurn, judgeEnd, judgeStory } from '../judge.js';
import { nameOf, type Scenario } from '../scenario.js';
import { type Played, play } from './play.js';
import { formatPoint, type Point } from './point.js';
import { allPoints, pointsOf } from './points.js';

/** A point that did not hold. `npm run bench -- crash --only POINT` plays it again. */
export interface Failure {
  readonly point: string;
  /** The call at which the first runner was killed. */
  readonly call: string;
  readonly why: readonly string[];
}

export interface VirtualResult {
  readonly points: number;
  readonly held: number;
  readonly failures: readonly Failure[];
  /** Calls at which a runner could die, each before and after: reads of one state of the world are one point. */
  readonly calls: number;
  /** Of each takeover: how long after the dead runner's lock may be taken its rollout goes on. */
  readonly resumedMs: readonly number[];
}

export interface VirtualOptions {
  readonly scenarios: readonly Scenario[];
  /** Each call, before and after. */
  readonly every: boolean;
  /** Points of a scenario at which the next runner is killed as well. */
  readonly doubles: number;
  readonly random: () => number;
  /** Takes some of the points of a scenario. @default all */
  readonly sample?: ((points: readonly Point[]) => readonly Point[]) | undefined;
  readonly log: (line: string) => void;
}

/** Kills the runner at every point of every scenario, in this process on virtual time. */
export async function virtualPoints(options: VirtualOptions): Promise<VirtualResult> {
  const results: VirtualResult[] = [];
  for (const scenario of options.scenarios) results.push(await pointsOfScenario(scenario, options));
  return sumOf(results);
}

/** Of several scenarios. */
export function sumOf(results: readonly VirtualResult[]): VirtualResult {
  return {
    points: sum(results, ({ points }) => points),
    held: sum(results, ({ held }) => held),
    calls: sum(results, ({ calls }) => calls),
    failures: results.flatMap(({ failures }) => failures),
    resumedMs: results.flatMap(({ resumedMs }) => resumedMs),
  };
}

const sum = (results: readonly VirtualResult[], of: (result: VirtualResult) => number): number => results.reduce((total, result) => total + of(result), 0);

async function pointsOfScenario(scenario: Scenario, { every, doubles, random, sample = (all) => all, log }: VirtualOptions): Promise<VirtualResult> {
  const startedMs = performance.now();
  const undisturbed = await play(scenario, []);
  const calls = undisturbed.calls[0] ?? [];
  const single = (every ? allPoints(calls) : pointsOf(calls)).map((kill): Point => ({ scenario, kills: [kill] }));
  const twice = Array.from({ length: doubles }, (): Point => {
    const [first] = single[Math.floor(random() * single.length)]?.kills ?? [];
    const left = Math.max(40, calls.length - (first?.call ?? 0));
    const second = { call: 1 + Math.floor(random() * left), side: random() < 0.5 ? 'before' : 'after' } as const;
    return { scenario, kills: first === undefined ? [second] : [first, second] };
  });
  const failures: Failure[] = [];
  const resumedMs: number[] = [];
  let slowest = { ms: 0, point: 'none' };
  const points = sample([...single, ...twice]);
  for (const point of points) {
    const { why, played } = await tryPoint(point, undisturbed);
    for (const ms of played?.resumedMs ?? []) {
      resumedMs.push(ms);
      if (ms > slowest.ms) slowest = { ms, point: formatPoint(point) };
    }
    if (why.length === 0) continue;
    failures.push({ point: formatPoint(point), call: calls[(point.kills[0]?.call ?? 0) - 1]?.text ?? 'none', why });
    log(`${formatPoint(point)} does not hold (${failures.at(-1)?.call}):\n  ${why.join('\n  ')}`);
  }
  const held = points.length - failures.length;
  const took = `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  const takeover = `slowest takeover ${(slowest.ms / 1_000).toFixed(1)} s at ${slowest.point}`;
  log(`${nameOf(scenario)}: ${held} of ${points.length} points held; ${calls.length} calls, ${took}; ${takeover}`);
  return { points: points.length, held, failures, calls: calls.length, resumedMs };
}

/** Plays a point; says what is wrong with it. */
export async function tryPoint(point: Point, undisturbed: Played): Promise<{ readonly why: readonly string[]; readonly played: Played | undefined }> {
  try {
    const played = await play(point.scenario, point.kills);
    return { why: [...diverged(point, undisturbed, played), ...judgePlayed(undisturbed, played)], played };
  } catch (error) {
    return { why: [error instanceof Error ? (error.stack ?? error.message) : String(error)], played: undefined };
  }
}

const judgePlayed = (undisturbed: Played, played: Played): readonly string[] => [
  ...judgeEnd(undisturbed, played),
  ...judgeStory(undisturbed, played),
  ...judgeChurn(undisturbed.started, played.started),
  ...played.outages.slice(0, 3).map((outage) => `too few pods: ${outage}`),
];

/** Until the first kill a run is the undisturbed one, or the point would say nothing. */
function diverged({ kills: [kill] }: Point, undisturbed: Played, played: Played): readonly string[] {
  const [was = []] = undisturbed.calls;
  const [is = []] = played.calls;
  const at = is.slice(0, kill?.call).findIndex(({ text }, index) => text !== was[index]?.text);
  if (at < 0) return [];
  return [`the run was another one from call ${at + 1} on: ${is[at]?.text}, without the crash ${was[at]?.text}`];
}
