import { whyNoCluster } from '../../lab/why-no-cluster.js';
import { judgeChurn, judgeEnd } from '../judge.js';
import { nameOf, replicas, type Scenario, scenarios } from '../scenario.js';
import type { Failure } from '../virtual/run-points.js';
import { clusterPlaces, type Places, sandboxPlaces } from './place.js';
import { playReal, type RealPlayed, type RealRun } from './play-real.js';
import { formatRealPoint, type RealPoint } from './real-point.js';
import { formatStrain } from './strain.js';

export interface RealResult {
  readonly points: number;
  readonly held: number;
  readonly failures: readonly Failure[];
  readonly resumedMs: readonly number[];
}

interface RealOptions {
  readonly only: string | undefined;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

const shortLeaseMs = 3_000;
const defaultLeaseMs = 15_000;
/** Of each scenario with real processes: kills at writes, spread over the run, and at calls by chance. */
const perScenario = { children: { writes: 8, calls: 3 }, cluster: { writes: 3, calls: 3 } } as const;
const longestRunMs = 420_000;
/** Mostly they wait. */
const sideBySide = 3;
const whole: readonly Scenario[] = scenarios.filter(({ release }) => release !== 'crash');

/** Kills real runners: on sandboxes, and on a cluster where one is given. @throws RangeError if `only` names nothing of them */
export async function realPoints({ only, random, log }: RealOptions): Promise<RealResult> {
  const [asked, ...rest] = only?.split('/') ?? [];
  const results: RealResult[] = [];
  for (const where of ['children', 'cluster'] as const) {
    if (asked !== undefined && asked !== where) continue;
    const why = where === 'cluster' ? whyNoCluster() : undefined;
    if (why !== undefined) {
      if (asked === 'cluster') throw new RangeError(why);
      log(`cluster: left out, ${why}`);
      continue;
    }
    await using places = where === 'cluster' ? await clusterPlaces() : sandboxPlaces();
    const scope = rest.slice(0, 2).join('/');
    const chosen = whole.filter((scenario) => nameOf(scenario).startsWith(scope));
    if (chosen.length === 0) throw new RangeError(`crash knows no ${only}; there are ${whole.map((each) => `${where}/${nameOf(each)}`).join(', ')}`);
    results.push(await runAt(where, places, chosen, rest[2], { random, log }));
  }
  return {
    points: results.reduce((total, { points }) => total + points, 0),
    held: results.reduce((total, { held }) => total + held, 0),
    failures: results.flatMap(({ failures }) => failures),
    resumedMs: results.flatMap(({ resumedMs }) => resumedMs),
  };
}

async function runAt(
  where: RealPoint['where'],
  places: Places,
  chosen: readonly Scenario[],
  kill: string | undefined,
  { random, log }: Omit<RealOptions, 'only'>,
): Promise<RealResult> {
  const undisturbed = new Map<Scenario, RealPlayed>();
  const failures: Failure[] = [];
  await sideBySideDo(chosen, async (scenario) => {
    const { why, played } = await playUndisturbed(places, { where, scenario, kill: undefined, leaseMs: shortLeaseMs });
    const name = `${where}/${nameOf(scenario)}`;
    if (played !== undefined) undisturbed.set(scenario, played);
    if (why.length > 0) failures.push({ point: `${name}, undisturbed`, call: 'none', why });
    log(
      `${name}: ${played?.outcome?.kind}, ${played?.calls.length} calls, ${played && writesOf(played)} writes, ${why.length === 0 ? '0 requests failed' : why.join('\n  ')}`,
    );
  });
  const points = [...undisturbed].flatMap(([scenario, played]) => choose(where, scenario, played, kill, random));
  const disturbed = failures.length;
  const resumedMs: number[] = [];
  let count = 0;
  await sideBySideDo(points, async (point) => {
    const { why, played } = await tryRealPoint(places, point, undisturbed.get(point.scenario) as RealPlayed);
    count += 1;
    if (point.leaseMs === defaultLeaseMs && played?.resumedMs !== undefined) resumedMs.push(played.resumedMs);
    const call = played?.calls.at(-1)?.text ?? 'none';
    if (why.length > 0) failures.push({ point: formatRealPoint(point), call, why });
    const resumed = played?.resumedMs === undefined ? '' : `, went on ${(played.resumedMs / 1_000).toFixed(1)} s after the lock was free`;
    log(`${count} of ${points.length} ${formatRealPoint(point)} (${call}): ${why.length === 0 ? `held${resumed}` : `does not hold\n  ${why.join('\n  ')}`}`);
  });
  return { points: points.length, held: points.length - (failures.length - disturbed), failures, resumedMs };
}

function choose(where: RealPoint['where'], scenario: Scenario, undisturbed: RealPlayed, asked: string | undefined, random: () => number): readonly RealPoint[] {
  if (asked !== undefined) {
    const [, side, of, nth] = /^(before|after):(call|write)-(\d+)$/.exec(asked) ?? [];
    if (side === undefined) throw new RangeError(`${asked} is no kill: before:call-12 or after:write-12`);
    const kill = { side, of, nth: Number(nth) } as RealPoint['kill'];
    return [{ where, scenario, kill, leaseMs: shortLeaseMs }];
  }
  const { writes, calls } = perScenario[where];
  const all = writesOf(undisturbed);
  const side = (): 'before' | 'after' => (random() < 0.5 ? 'before' : 'after');
  // The last write gives the lock back.
  const atWrites = Array.from(
    { length: writes },
    (_, i) => ({ of: 'write', nth: 1 + Math.floor(((i + random()) * (all - 1)) / writes), side: side() }) as const,
  );
  const atCalls = Array.from({ length: calls }, () => ({ of: 'call', nth: 1 + Math.floor(random() * undisturbed.calls.length * 0.95), side: side() }) as const);
  const late = where === 'children' && scenario.release === 'good' ? [{ of: 'write', nth: Math.floor(all / 2), side: 'after' } as const] : [];
  return [
    ...[...atWrites, ...atCalls].map((kill): RealPoint => ({ where, scenario, kill, leaseMs: shortLeaseMs })),
    ...late.map((kill): RealPoint => ({ where, scenario, kill, leaseMs: defaultLeaseMs })),
  ];
}

/** One that lost its lock on a busy machine is not undisturbed, and says nothing about how many calls a run has. */
async function playUndisturbed(places: Places, run: RealRun): Promise<Tried> {
  for (let attempt = 1; ; attempt += 1) {
    const tried = await tryToPlay(places, run, lost);
    if (tried.why.length > 0 || tried.played?.first === 'done') return tried;
    if (attempt === 3) return { ...tried, why: ['nobody killed the runner, and it lost its lock three times: this machine has no room for a Lease of 3 s'] };
  }
}

/** A run that was over before its call came killed nobody and says nothing: the call is one that comes earlier then. */
async function tryRealPoint(places: Places, point: RealPoint, undisturbed: RealPlayed): Promise<Tried> {
  const { kill } = point;
  for (let { nth } = kill; ; nth = Math.floor(nth * 0.8)) {
    const tried = await tryToPlay(places, { ...point, kill: { ...kill, nth } }, (played) => judgeReal(undisturbed, played));
    if (tried.why.length > 0 || tried.played?.first === 'killed' || nth <= 1) return tried;
  }
}

interface Tried {
  readonly why: readonly string[];
  readonly played: RealPlayed | undefined;
}

async function tryToPlay(places: Places, run: RealRun, judge: (played: RealPlayed) => readonly string[]): Promise<Tried> {
  try {
    await using place = await places.open();
    const played = await inTime(playReal(place, run));
    return { why: judge(played), played };
  } catch (error) {
    return { why: [error instanceof Error ? (error.stack ?? error.message) : String(error)], played: undefined };
  }
}

/** When a sick version is found out differs in real time; that none of its pods is started twice does not. */
function judgeReal(undisturbed: RealPlayed, played: RealPlayed): readonly string[] {
  const most = Object.fromEntries(Object.keys(played.started).map((pods) => [pods, replicas]));
  return [...judgeEnd(undisturbed, played), ...judgeChurn(most, played.started), ...lost(played)];
}

/** Requests that failed, and whether client and server had time for them: a machine without room fails the proof all the same, and is told from a release that lost them. */
function lost({ traffic: { fresh, kept }, strain }: RealPlayed): readonly string[] {
  return [fresh, kept].flatMap(({ failed, requests, failures, clientLateMs }) => {
    if (failed === 0 && requests > 0) return [];
    const server = strain === undefined ? '' : `; the server: ${formatStrain(strain)}`;
    return [`${failed} of ${requests} requests failed: ${JSON.stringify(failures)}; the client was up to ${(clientLateMs / 1_000).toFixed(1)} s late${server}`];
  });
}

const writesOf = ({ calls }: RealPlayed): number => calls.filter(({ kind }) => kind === 'write').length;

/** Whatever hangs, the bench ends by itself. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the run did not end within ${longestRunMs / 1_000} s`)), longestRunMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function sideBySideDo<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const one = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: sideBySide }, one));
}
