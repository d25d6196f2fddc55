import { ShepherdError } from '../errors/shepherd-error.js';
import { moveSurge, percent, realise } from '../plan/realise.js';
import type { Target, Track } from '../plan/situation.js';
import type { StepRun } from '../steps/step-run.js';
import type { TrackName } from '../words/revision.js';
import { awaitTrack } from './await-track.js';

const readyTimeoutMs = 600_000;

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
  if (before.candidate === undefined && asked === 0) return { from: before.weight, to: before.weight };
  const byPods = !before.candidate?.isolated && before.router.granularity === 'replicas';
  if (byPods) await scaleTo(run, asked, urgent);
  else await carry(run, before, asked, urgent);
  const to = await run.platform.router.set(run.write(), asked);
  return { from: before.weight, to };
}

/** Before traffic moves at once: the side that gets it must be able to carry it (RR ORD-8, ORD-9, BG-1). */
async function carry(run: StepRun, target: Target, asked: number, urgent: boolean): Promise<void> {
  const side: TrackName = asked > target.weight ? 'candidate' : 'stable';
  const track = target[side];
  // Going back from pods of which none is ready: nothing is lost by moving at once.
  if (urgent && side === 'stable' && (target.candidate?.ready ?? 0) === 0) return;
  const wanted = side === 'candidate' ? realise(target, asked).candidate : target.replicas;
  if (track !== undefined && track.replicas === wanted && track.ready >= wanted) return;
  if (track?.replicas !== wanted) await run.platform.tracks.scale(run.write(), side, wanted);
  await awaitTrack(run.platform, run.read(), side, (status) => status.replicas === wanted && status.ready >= wanted, {
    timeoutMs: readyTimeoutMs,
    what: `${side} can carry the traffic`,
    progress: run.progress,
  });
}

/** Split by pods: scaling is the shift (RR 7.1, steps 4 to 6). */
async function scaleTo(run: StepRun, asked: number, urgent: boolean): Promise<void> {
  const { platform } = run;
  for (;;) {
    const target = await run.target();
    const want = realise(target, asked);
    const [stable, candidate] = [target.stable, target.candidate];
    if (stable === undefined || candidate === undefined) throw missing(run, stable === undefined ? 'stable' : 'candidate');
    const next = nextScale(target, want, urgent);
    if (next === 'done') return;
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
  const budget = urgent ? Number.POSITIVE_INFINITY : replicas + moveSurge(replicas) - stable.replicas - candidate.replicas;
  if (stable.replicas < want.stable && budget > 0) return { track: 'stable', replicas: Math.min(want.stable, stable.replicas + budget) };
  if (candidate.replicas < want.candidate && budget > 0) return { track: 'candidate', replicas: Math.min(want.candidate, candidate.replicas + budget) };
  // Ready capacity goes only as far as the rest carries R; pods that are not ready carry nothing, so they never hold up their own removal (RR 7.1, step 5).
  const spare = ready.stable + ready.candidate - replicas;
  const shrink = (track: TrackName, now: number, to: number): { track: TrackName; replicas: number } | undefined => {
    const unready = now - ready[track];
    const by = Math.min(now - to, Math.max(0, spare) + unready);
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
