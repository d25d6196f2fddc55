import { ShepherdError } from '../errors/shepherd-error.js';
import { moveSurge, percent, realise } from '../plan/realise.js';
import type { Target, Track } from '../plan/situation.js';
import type { StepRun } from '../steps/step-run.js';
import type { TrackName } from '../words/revision.js';
import { awaitTrack } from './await-track.js';

const readyTimeoutMs = 600_000;
/** Longer than the moment for which a platform confirms that pods are doomed. */
const lookAgainMs = 5_000;

export interface Move {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the realised weight to what was asked, in the order of RR 3: capacity up, ready, traffic, read back, capacity down, one act at a time, each
 * decided on what was read after the one before. `urgent` (going back): the candidate need not be well, and pods may exceed the plan's peak for a while.
 */
export async function moveWeight(run: StepRun, asked: number, urgent: boolean): Promise<Move> {
  const before = await run.target();
  if (before.candidate === undefined) return withoutCandidate(run, before, asked);
  const byPods = !before.candidate?.isolated && before.router.granularity === 'replicas';
  const gone = byPods ? await scaleTo(run, asked, urgent) : await carry(run, asked, urgent);
  if (gone !== undefined) return { ...(await withoutCandidate(run, gone, asked)), from: before.weight };
  const to = await run.platform.router.set(run.write(), asked);
  return { from: before.weight, to };
}

/** Somebody took the candidate away. What it served goes to whatever stable has, at once, and stable gets all its pods. */
async function withoutCandidate(run: StepRun, before: Target, asked: number): Promise<Move> {
  if (asked > 0) throw missing(run, 'candidate');
  const { stable, weight, replicas } = before;
  const to = weight === 0 ? 0 : await run.platform.router.set(run.write(), 0);
  if (stable !== undefined && stable.replicas < replicas) {
    await run.platform.tracks.scale(run.write(), 'stable', replicas);
    await carries(run, 'stable', replicas);
  }
  return { from: weight, to };
}

/**
 * Before traffic moves at once: the side that gets it must be able to carry it (RR ORD-8, ORD-9). Read again until it is enough for R as it is then, which an
 * autoscaler may have moved while the pods came up (RR BG-1).
 */
async function carry(run: StepRun, asked: number, urgent: boolean): Promise<undefined> {
  const until = run.clock.monotonicMs() + readyTimeoutMs;
  let said = '';
  const progress = (message: string): void => {
    if (message !== said) run.progress(message);
    said = message;
  };
  for (;;) {
    const target = await run.target();
    const side: TrackName = asked > 0 && asked >= target.weight ? 'candidate' : 'stable';
    const track = target[side];
    // Going back from pods of which none is ready: nothing is lost by moving at once.
    if (urgent && side === 'stable' && (target.candidate?.ready ?? 0) === 0) return undefined;
    // Where somebody took the held floor back, the autoscaler may have shrunk a stable without traffic; what the candidate does not serve needs no pods.
    const shrunk = urgent && target.weight > 0 && target.autoscaled !== undefined && target.autoscaled.min < run.record().replicas;
    const atLeast = shrunk ? (target.candidate?.ready ?? 0) : 0;
    const wanted = side === 'candidate' ? realise(target, asked).candidate : Math.max(target.replicas, atLeast);
    if (track === undefined || (track.replicas >= wanted && track.ready >= wanted)) return undefined;
    if (track.replicas < wanted) await run.platform.tracks.scale(run.write(), side, wanted);
    if (run.clock.monotonicMs() >= until) throw carriesNot(side, track.ready, wanted);
    await forAWhile(run, (signal) => carries({ ...run, read: () => ({ ...run.read(), signal }), progress }, side, wanted));
  }
}

/** What is waited for may change meanwhile: the wait ends quietly after a while, to look again. */
async function forAWhile(run: StepRun, wait: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const [again, done] = [new AbortController(), new AbortController()];
  run.clock.sleep(lookAgainMs, done.signal).then(
    () => again.abort(new Error('look again')),
    () => undefined,
  );
  try {
    await wait(AbortSignal.any([run.signal, again.signal]));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!again.signal.aborted) throw error;
  } finally {
    done.abort();
  }
}

const carriesNot = (side: TrackName, ready: number, wanted: number): ShepherdError =>
  new ShepherdError('ERR_TIMEOUT', `${side} can carry the traffic: not within ${readyTimeoutMs / 1_000} s; last seen: ${ready} of ${wanted} pods ready`, {
    facts: { what: `${side} can carry the traffic`, afterMs: readyTimeoutMs, last: `${ready} of ${wanted} pods ready` },
    remedy: 'look at the pods of that track, or allow more time',
  });

const carries = (run: StepRun, side: TrackName, wanted: number): Promise<unknown> =>
  awaitTrack(run.platform, run.read(), side, (status) => status.replicas >= wanted && status.ready >= wanted, {
    timeoutMs: readyTimeoutMs,
    what: `${side} can carry the traffic`,
    progress: run.progress,
  });

/** Split by pods: scaling is the shift (RR 7.1, steps 4 to 6). @returns the app as it was when the candidate was found to be gone; undefined: it is done */
async function scaleTo(run: StepRun, asked: number, urgent: boolean): Promise<Target | undefined> {
  const { platform } = run;
  for (;;) {
    const target = await run.target();
    const want = realise(target, asked);
    const [stable, candidate] = [target.stable, target.candidate];
    if (stable === undefined) throw missing(run, 'stable');
    if (candidate === undefined) return target;
    const next = nextScale(target, want, urgent);
    if (next === 'done') return undefined;
    if (next === 'wait') {
      await waitForPods(run, target);
      continue;
    }
    run.progress(`target replicas: candidate ${want.candidate}, stable ${want.stable} (${percent(want.candidate, want.stable)} %)`);
    await platform.tracks.scale(run.write(), next.track, next.replicas);
  }
}

/** The next single act towards the wanted pods; `wait`: pods have to get ready (or go) first. Pure. */
export function nextScale(
  target: Target,
  want: { readonly stable: number; readonly candidate: number },
  urgent: boolean,
): { readonly track: TrackName; readonly replicas: number } | 'wait' | 'done' {
  const { stable, candidate, replicas } = target;
  if (stable === undefined || candidate === undefined) return 'done';
  const ready = { stable: Math.min(stable.ready, stable.replicas), candidate: Math.min(candidate.ready, candidate.replicas) };
  // Where stable stays whole, the candidate's pods come on top.
  const whole = target.autoscaled !== undefined;
  const budget = urgent || whole ? Number.POSITIVE_INFINITY : replicas + moveSurge(replicas) - stable.replicas - candidate.replicas;
  if (stable.replicas < want.stable && budget > 0) return { track: 'stable', replicas: Math.min(want.stable, stable.replicas + budget) };
  if (candidate.replicas < want.candidate && budget > 0) return { track: 'candidate', replicas: Math.min(want.candidate, candidate.replicas + budget) };
  // Ready capacity goes only as far as the rest carries R; pods that are not ready carry nothing, so they never hold up their own removal (RR 7.1, step 5).
  const spare = ready.stable + ready.candidate - replicas;
  const shrink = (track: TrackName, now: number, to: number): { track: TrackName; replicas: number } | undefined => {
    const unready = now - ready[track];
    const by = Math.min(now - to, Math.max(0, spare) + unready);
    // Between nothing and all of it, an autoscaler would bring the rest back.
    if (whole && track === 'stable' && now - by !== to) return undefined;
    return by > 0 ? { track, replicas: now - by } : undefined;
  };
  const down =
    (candidate.replicas > want.candidate ? shrink('candidate', candidate.replicas, want.candidate) : undefined) ??
    (stable.replicas > want.stable ? shrink('stable', stable.replicas, want.stable) : undefined);
  if (down !== undefined) return down;
  const reached = stable.replicas === want.stable && candidate.replicas === want.candidate;
  // Pods that have to go have gone from the endpoints as well: only then is the weight what it says (RR ORD-7).
  return reached && stable.ready === want.stable && candidate.ready === want.candidate ? 'done' : 'wait';
}

async function waitForPods(run: StepRun, { stable, candidate }: Target): Promise<void> {
  const leaving = (track: Track | undefined): boolean => (track?.ready ?? 0) > (track?.replicas ?? 0);
  const coming = (track: Track | undefined): boolean => (track?.ready ?? 0) < (track?.replicas ?? 0);
  const side: TrackName = leaving(candidate) || (coming(candidate) && !leaving(stable) && !coming(stable)) ? 'candidate' : 'stable';
  const before = (side === 'stable' ? stable : candidate)?.ready ?? 0;
  await awaitTrack(run.platform, run.read(), side, (status) => status.ready !== before || status.ready === status.replicas, {
    timeoutMs: readyTimeoutMs,
    what: `${side} has the pods that it is to have`,
    progress: run.progress,
  });
}

const missing = (run: StepRun, track: TrackName): ShepherdError =>
  new ShepherdError('ERR_STEP_FAILED', `${run.app.name} has no ${track} track any more`, {
    facts: { step: 'shift', reason: `${track} was deleted by somebody else` },
    remedy: 'see who deleted it, then deploy again',
  });
