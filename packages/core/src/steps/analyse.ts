import { asError } from '../engine/await-track.js';
import type { ErrorInfo } from '../errors/error-facts.js';
import type { Use } from '../extend/definition.js';
import type { PortContext } from '../ports/context.js';
import { toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import { fail, pass, type Verdict } from '../words/verdict.js';
import { runCheck } from './check-list.js';
import type { Runner, StepRun } from './step-run.js';

/** Trouble is found at once, not at the stage's end (guide X18): asked this often, at most and at least. */
const everyMs = (ms: number): number => Math.min(10_000, Math.max(1_000, ms / 10));
/** One bad answer may be chance, two in a row are not; no answer needs one more. */
const failuresAllowed = 1;
const errorsAllowed = 2;
const restartsAllowed = 1;
const againMs = 1_000;

/** Watches the track that runs the new version for a while: its checks, its pods, its restarts. */
export const analyse: Runner<'analyse'> = async (step, run) => {
  const started = run.clock.monotonicMs();
  const totalMs = toMs(step.for);
  const track: TrackName = (await run.target()).candidate === undefined ? 'stable' : 'candidate';
  const restarts = (await run.target())[track]?.restarts ?? 0;
  const checks = step.options.checks ?? [];
  const doom = watchDoom(run, track);
  const counts = { fail: 0, error: 0 };
  try {
    for (;;) {
      if (doom.error !== undefined) throw asError(doom.error);
      const more = ((await run.target())[track]?.restarts ?? 0) - restarts;
      if (more > restartsAllowed) return fail(`containers of ${track} restarted ${more} times`);
      const verdict = await all(checks, track, run);
      if (verdict.kind === 'pass') counts.fail = counts.error = 0;
      else counts[verdict.kind === 'fail' ? 'fail' : 'error'] += 1;
      if (counts.fail > failuresAllowed || counts.error > errorsAllowed) return verdict;
      const passed = run.clock.monotonicMs() - started;
      if (passed >= totalMs && verdict.kind === 'pass') return pass(`well for ${step.for}`);
      const times = { elapsedMs: Math.round(passed), remainingMs: Math.max(0, Math.round(totalMs - passed)) };
      run.progress(`watching ${track}: ${verdict.kind === 'pass' ? 'well' : verdict.reason}`, times);
      const skipped = await run.dwell(verdict.kind === 'pass' ? Math.min(everyMs(totalMs), Math.max(1, totalMs - passed)) : againMs);
      if (skipped && verdict.kind === 'pass') return pass('well; the waiting that was left was skipped');
    }
  } finally {
    doom.stop();
  }
};

async function all(checks: readonly Use<'check'>[], track: TrackName, run: StepRun): Promise<Verdict> {
  for (const use of checks) {
    const verdict = await runCheck(use, track, run);
    if (verdict.kind !== 'pass') return verdict;
  }
  return pass();
}

/** Pods that will not come back end the watch at once, in whatever the checks say meanwhile. */
function watchDoom(run: StepRun, track: TrackName): { error: ErrorInfo | undefined; stop(): void } {
  const stop = new AbortController();
  const state: { error: ErrorInfo | undefined; stop(): void } = { error: undefined, stop: () => stop.abort() };
  const context: PortContext = { ...run.read(), signal: AbortSignal.any([run.signal, stop.signal]) };
  const follow = async (): Promise<void> => {
    for await (const { doomed } of run.platform.tracks.watch(context, track)) if (doomed !== undefined) state.error = doomed;
  };
  // Only early notice is lost with it: the checks and the counts are read apart.
  follow().catch(() => undefined);
  return state;
}
