import { isRollback } from '../engine/record.js';
import type { CheckContext } from '../extend/define-check.js';
import type { Use } from '../extend/definition.js';
import { untilAborted } from '../internal/until-aborted.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import { type Duration, toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import { fail, isVerdict, type Verdict, verdictError } from '../words/verdict.js';
import { lookOf } from './look.js';
import { RequestCount } from './request-count.js';
import type { StepRun } from './step-run.js';

const attempts = 3;
const betweenMs = 1_000;
/** What is tagged has this long to say what it suspects once another check has failed: going back waits for it. */
const taggedMs = 15_000;

/** These count pods. Those that start in place of evicted ones, or because an autoscaler wants more, are waited for: that they are missing is nobody's fault. */
const counting: ReadonlySet<string> = new Set(['shepherd/pods', 'shepherd/replicas', 'shepherd/endpoints', 'shepherd/quiet']);

/** A check did not pass for no other reason than that pods are on their way. */
export async function onlyComing(use: Use<'check'>, verdict: Verdict, track: TrackName, run: StepRun): Promise<boolean> {
  if (verdict.kind === 'pass' || !counting.has(use.use)) return false;
  const now = (await run.platform.tracks.inspect(afresh(run.read())))[track];
  const coming = now?.coming ?? 0;
  return now !== undefined && coming > 0 && now.ready + coming >= now.replicas;
}

interface CheckOptions {
  /** @default the step's */
  readonly signal?: AbortSignal | undefined;
  /** The app as it was just read. @default read anew */
  readonly target?: Target | undefined;
}

const afresh = ({ look: _look, ...context }: PortContext): PortContext => context;

/** The look of the round is for the first read; a check that reads again wants to know what is new. */
function onceOf(read: () => PortContext): () => PortContext {
  let first = true;
  return () => {
    const now = first ? read() : afresh(read());
    first = false;
    return now;
  };
}

/** One check once. A throw is the verdict `error`: unknown is not good. */
export async function runCheck(use: Use<'check'>, track: TrackName, run: StepRun, { signal = run.signal, target: seen }: CheckOptions = {}): Promise<Verdict> {
  const { run: check } = run.registry.code(use);
  const read = (): PortContext => ({ ...run.read(), signal });
  const context = read();
  const [inspecting, asking] = [onceOf(read), onceOf(read)];
  try {
    const target = seen ?? (await run.target());
    const verdict: unknown = await check(await run.registry.input(use), {
      ...context,
      target,
      track,
      http: (...asked) => run.platform.http(asking())(...asked),
      ...(run.platform.exec === undefined ? {} : { exec: run.platform.exec(context) }),
      healthPath: async () => run.platform.healthPath?.(context),
      inspect: async () => (await run.platform.tracks.inspect(inspecting()))[track],
      ...(isRollback(run.record()) ? afterRollback(track, run, context) : {}),
    });
    return isVerdict(verdict) ? asTagged(verdict, use) : verdictError(`${use.use}: what it answered is no verdict`);
  } catch (error) {
    signal.throwIfAborted();
    return verdictError(`${use.use}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a tagged check found is suspected; that it could not be asked, or does not know, is not. A check of one's own has no say in it. */
function asTagged(verdict: Verdict, { use, incident }: Use<'check'>): Verdict {
  if (verdict.kind === 'pass') return verdict;
  const { incident: _incident, ...plain } = verdict;
  return verdict.kind === 'fail' && incident !== undefined ? { ...plain, check: use, incident } : plain;
}

/** Beside what every check sees: a release has a judge of its own, a rollback has none. */
function afterRollback(track: TrackName, run: StepRun, context: PortContext): Pick<CheckContext, 'notes' | 'requests'> {
  const { diagnosis } = run.platform;
  const count = run.metrics === undefined ? undefined : new RequestCount(run.metrics, track, context);
  return {
    ...(diagnosis === undefined ? {} : { notes: (since) => diagnosis.notes(context, since) }),
    ...(count === undefined ? {} : { requests: async () => count.read(await run.target()) }),
  };
}

/** A verdict that ends the round: the other checks need not go on. */
class NotPassed extends Error {
  override readonly name = 'NotPassed';
}

/**
 * All checks side by side, within a time; what does not pass is asked again twice, because a pod that just got ready may answer its first request badly. The first
 * that fails for good ends the others, but for those that may suspect something for which nothing goes back by itself: what they say is waited for.
 */
export async function runChecks(checks: readonly Use<'check'>[], track: TrackName, run: StepRun, timeout: Duration): Promise<Verdict> {
  const limit = new AbortController();
  const timer = new AbortController();
  const signal = AbortSignal.any([run.signal, limit.signal, timer.signal]);
  void run.clock.sleep(toMs(timeout), timer.signal).then(
    () => limit.abort(new Error(`not within ${timeout}`)),
    () => undefined,
  );
  const [failed, late] = [new AbortController(), new AbortController()];
  const [others, tagged] = [AbortSignal.any([signal, failed.signal]), AbortSignal.any([signal, late.signal])];
  const first = lookOf({ ...run, read: () => ({ ...run.read(), signal }) });
  const seen: Verdict[] = [];
  const one = async (use: Use<'check'>, index: number): Promise<void> => {
    const round = {
      first,
      signal: use.incident === undefined ? others : tagged,
      limit: limit.signal,
      timeout,
      saw: (verdict: Verdict) => void (seen[index] = verdict),
    };
    seen[index] = await persistent(use, track, run, round);
    if (seen[index].kind === 'pass') return;
    failed.abort(new NotPassed());
    void run.clock.sleep(taggedMs, timer.signal).then(
      () => late.abort(new NotPassed()),
      () => undefined,
    );
    throw new NotPassed();
  };
  try {
    if (checks.length > 0) run.progress(`check ${checks.map(({ use }) => use).join(', ')}`);
    await Promise.all(await settledTagged(checks, checks.map(one)));
    const notes = seen.flatMap(({ evidence }) => evidence?.notes ?? []);
    const summary = checks.length === 0 ? 'nothing to check' : `${checks.length} of ${checks.length} checks passed`;
    return { kind: 'pass', evidence: { summary, ...(notes.length === 0 ? {} : { notes }) } };
  } catch (error) {
    if (!(error instanceof NotPassed)) throw error;
    const suspected = seen.find((verdict) => verdict?.kind === 'fail' && verdict.incident !== undefined);
    if (suspected !== undefined) return suspected;
    // Where several are not content the first of the list is named: what lies deepest stands there.
    for (const [index, { use }] of checks.entries()) {
      const verdict = seen[index];
      if (verdict !== undefined && verdict.kind !== 'pass') return { ...verdict, check: use };
    }
    throw error;
  } finally {
    timer.abort();
  }
}

/** All of them, once each that is tagged has its answer. */
async function settledTagged(checks: readonly Use<'check'>[], asked: readonly Promise<void>[]): Promise<readonly Promise<void>[]> {
  for (const each of asked) each.catch(() => undefined);
  await Promise.allSettled(asked.filter((_, index) => checks[index]?.incident !== undefined));
  return asked;
}

interface Round {
  /** What all checks see when they begin. */
  readonly first: StepRun;
  /** Ends a check: the rollout stops, the time is over, or another check failed. */
  readonly signal: AbortSignal;
  readonly limit: AbortSignal;
  readonly timeout: Duration;
  readonly saw: (verdict: Verdict) => void;
}

/** Pods were counted against an R that an autoscaler, or a person, has changed meanwhile: that says nothing (RR PT-13). */
const hasMoved = async (before: Target | undefined, run: StepRun): Promise<boolean> =>
  before !== undefined && (await run.target()).replicas !== before.replicas;

async function persistent(use: Use<'check'>, track: TrackName, run: StepRun, { first, signal, limit, timeout, saw }: Round): Promise<Verdict> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      // What cannot be read is read once more by the check, which then says why.
      const seeing = attempt === 1 ? first : run;
      const target = counting.has(use.use) ? await untilAborted(seeing.target(), signal).catch(() => undefined) : undefined;
      const verdict = await untilAborted(runCheck(use, track, seeing, { signal, target }), signal);
      saw(verdict);
      if (verdict.kind === 'pass') return verdict;
      if ((await onlyComing(use, verdict, track, run)) || (await hasMoved(target, run))) attempt = 0;
      if (attempt === attempts) return verdict;
      run.progress(`${use.use}: ${verdict.reason}`);
      await run.clock.sleep(betweenMs, signal);
    }
  } catch (error) {
    run.signal.throwIfAborted();
    if (limit.aborted) return fail(`${use.use} did not end within ${timeout}`);
    throw error;
  }
}
