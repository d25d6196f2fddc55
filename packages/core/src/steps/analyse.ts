import type { Observed } from '../analysis/analysis.js';
import { asError } from '../engine/await-track.js';
import { driftVerdict } from '../engine/drift.js';
import { suspicionOf } from '../engine/suspected.js';
import type { ErrorInfo } from '../errors/error-facts.js';
import type { Use } from '../extend/definition.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import { needsMetrics } from '../strategies/judging.js';
import { toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';
import { fail, pass, type Verdict } from '../words/verdict.js';
import { onlyComing, runCheck } from './check-list.js';
import { lookOf } from './look.js';
import { MetricsWatch } from './metrics-watch.js';
import type { Runner, StepRun } from './step-run.js';

/** Trouble is found at once, not at the stage's end (guide X18): asked this often, at most and at least. */
const everyMs = (ms: number): number => Math.min(10_000, Math.max(1_000, ms / 10));
/** One bad answer may be chance, two in a row are not; no answer needs one more. */
const failuresAllowed = 1;
const errorsAllowed = 2;
const restartsAllowed = 1;
const againMs = 1_000;

/** Watches the track that runs the new version for a while: its checks, its pods, its restarts, and its requests where something counts them. */
export const analyse: Runner<'analyse'> = async (step, run) => {
  const started = run.clock.monotonicMs();
  const totalMs = toMs(step.for);
  const first = await run.target();
  const track: TrackName = first.candidate === undefined ? 'stable' : 'candidate';
  const restarts = first[track]?.restarts ?? 0;
  const checks = step.options.checks ?? [];
  const metrics = needsMetrics(step.options) ? new MetricsWatch(step, run, track) : undefined;
  const doom = watchDoom(run, track);
  const counts = { fail: 0, error: 0 };
  const warn = onceEach((warning) => run.progress(`warning: ${warning}`));
  try {
    for (;;) {
      if (doom.error !== undefined) throw asError(doom.error);
      // One look at the world a round: its checks judge the same moment.
      const look = lookOf(run);
      const drifted = await driftVerdict(look);
      if (drifted !== undefined) return drifted;
      const target = await look.target();
      const more = (target[track]?.restarts ?? 0) - restarts;
      if (more > restartsAllowed) return fail(`containers of ${track} restarted ${more} times`);
      const { verdict, coming } = await all(checks, track, look, target);
      // It was asked twice already, and waits for nothing that might go back by itself meanwhile.
      if (suspicionOf(verdict) !== undefined) return verdict;
      if (verdict.kind === 'pass') counts.fail = counts.error = 0;
      else if (!coming) counts[verdict.kind === 'fail' ? 'fail' : 'error'] += 1;
      if (counts.fail > failuresAllowed || counts.error > errorsAllowed) return verdict;
      const seen = await metrics?.look(target);
      // What the metrics let through waits for the checks; what they do not waits for nothing.
      if (metrics !== undefined && seen !== undefined && (seen.decision.kind !== 'promote' || verdict.kind === 'pass')) {
        const judged = await settled(seen, metrics);
        if (judged !== undefined) return judged;
      }
      for (const warning of metrics?.warnings ?? []) warn(warning);
      const passed = run.clock.monotonicMs() - started;
      if (seen === undefined && passed >= totalMs && verdict.kind === 'pass') return pass(`well for ${step.for}`);
      run.progress(progressText(track, verdict, seen), {
        elapsedMs: Math.round(passed),
        remainingMs: Math.max(0, Math.round(totalMs - passed)),
        ...(seen === undefined ? {} : { decision: seen.decision, poll: seen.poll, bounds: metrics?.bounds }),
      });
      const restMs = metrics === undefined ? Math.max(1, totalMs - passed) : Math.max(1, metrics.dueMs);
      const skipped = await run.dwell(verdict.kind === 'pass' ? Math.min(everyMs(totalMs), restMs) : againMs);
      if (skipped && verdict.kind === 'pass' && mayBeSkipped(seen)) {
        await metrics?.save();
        return pass('well; the waiting that was left was skipped');
      }
      // Skipping stays asked for, so that no dwell sleeps any more: what may not be skipped yet is looked at again in a while.
      if (skipped) await run.clock.sleep(againMs, run.signal);
    }
  } finally {
    doom.stop();
  }
};

/** Each warning once, whatever its figures are by now. */
function onceEach(say: (warning: string) => void): (warning: string) => void {
  const said = new Set<string>();
  return (warning) => {
    const kind = warning.replaceAll(/[\d.,]+/g, '#');
    if (!said.has(kind)) say(warning);
    said.add(kind);
  };
}

/** The verdict of the metrics, once they have one. */
async function settled(seen: Observed, metrics: MetricsWatch): Promise<Verdict | undefined> {
  const { decision, sentence, grounds } = seen;
  const evidence = metrics.evidenceOf(seen);
  switch (decision.kind) {
    case 'watch':
    case 'hold':
      return undefined;
    case 'promote':
      await metrics.save();
      return { kind: 'pass', evidence };
    case 'rollback':
      await metrics.save();
      // Whoever repeats the reason has said that it goes back.
      return { kind: 'fail', reason: grounds, evidence };
    case 'pause':
      await metrics.handOver();
      return { kind: 'inconclusive', reason: sentence, evidence };
  }
}

/** A person may skip the waiting, not the judging: what looks bad now is looked at on. */
const mayBeSkipped = (seen: Observed | undefined): boolean =>
  seen === undefined || (seen.decision.kind === 'watch' && seen.decision.reason !== 'evidence' && seen.decision.reason !== 'no-data');

const progressText = (track: TrackName, verdict: Verdict, seen: Observed | undefined): string => {
  if (verdict.kind !== 'pass') return `watching ${track}: ${verdict.reason}`;
  return seen === undefined ? `watching ${track}: well` : `${track}: ${seen.sentence}`;
};

/** `coming`: nothing is wrong but that pods are on their way. */
async function all(
  checks: readonly Use<'check'>[],
  track: TrackName,
  run: StepRun,
  target: Target,
): Promise<{ readonly verdict: Verdict; readonly coming: boolean }> {
  let waits: Verdict | undefined;
  for (const use of checks.toSorted((a, b) => Number(a.incident === undefined) - Number(b.incident === undefined))) {
    let verdict = await runCheck(use, track, run, { target });
    if (suspicionOf(verdict) !== undefined) {
      await run.clock.sleep(againMs, run.signal);
      verdict = await runCheck(use, track, run);
    }
    if (verdict.kind === 'pass') continue;
    if (!(await onlyComing(use, verdict, track, run))) return { verdict, coming: false };
    waits ??= verdict;
  }
  return { verdict: waits ?? pass(), coming: waits !== undefined };
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
