import type { Use } from '../extend/definition.js';
import { type Duration, toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import { fail, pass, type Verdict, verdictError } from '../words/verdict.js';
import type { StepRun } from './step-run.js';

const attempts = 3;
const betweenMs = 1_000;

/** One check once. A throw is the verdict `error`: unknown is not good. */
export async function runCheck(use: Use<'check'>, track: TrackName, run: StepRun, signal: AbortSignal = run.signal): Promise<Verdict> {
  const { run: check } = run.registry.code(use);
  const context = { ...run.read(), signal };
  try {
    const target = await run.target();
    return await check(await run.registry.input(use), {
      ...context,
      target,
      track,
      http: run.platform.http(context),
      healthPath: async () => run.platform.healthPath?.(context),
      inspect: async () => (await run.platform.tracks.inspect(context))[track],
    });
  } catch (error) {
    signal.throwIfAborted();
    return verdictError(`${use.use}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A verdict that ends the round: the other checks need not go on. */
class NotPassed extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict.kind);
  }
}

/**
 * All checks side by side, within a time; what does not pass is asked again twice, because a pod that just got ready may answer its first request badly. The first
 * that fails for good ends the others.
 */
export async function runChecks(checks: readonly Use<'check'>[], track: TrackName, run: StepRun, timeout: Duration): Promise<Verdict> {
  const limit = new AbortController();
  const timer = new AbortController();
  const signal = AbortSignal.any([run.signal, limit.signal, timer.signal]);
  void run.clock.sleep(toMs(timeout), timer.signal).then(
    () => limit.abort(new Error(`not within ${timeout}`)),
    () => undefined,
  );
  const one = async (use: Use<'check'>): Promise<void> => {
    const verdict = await persistent(use, track, run, { signal, limit: limit.signal, timeout });
    if (verdict.kind !== 'pass') throw new NotPassed(verdict);
  };
  try {
    if (checks.length > 0) run.progress(`check ${checks.map(({ use }) => use).join(', ')}`);
    await Promise.all(checks.map(one));
    return pass(checks.length === 0 ? 'nothing to check' : `${checks.length} of ${checks.length} checks passed`);
  } catch (error) {
    if (error instanceof NotPassed) return error.verdict;
    throw error;
  } finally {
    timer.abort();
  }
}

interface Round {
  /** Ends a check: the rollout stops, the time is over, or another check failed. */
  readonly signal: AbortSignal;
  readonly limit: AbortSignal;
  readonly timeout: Duration;
}

async function persistent(use: Use<'check'>, track: TrackName, run: StepRun, { signal, limit, timeout }: Round): Promise<Verdict> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      const verdict = await untilAborted(runCheck(use, track, run, signal), signal);
      if (verdict.kind === 'pass' || attempt === attempts) return verdict;
      run.progress(`${use.use}: ${verdict.reason}`);
      await run.clock.sleep(betweenMs, signal);
    }
  } catch (error) {
    run.signal.throwIfAborted();
    if (limit.aborted) return fail(`${use.use} did not end within ${timeout}`);
    throw error;
  }
}

/** A check that ignores its signal must not hold a rollout for ever. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
