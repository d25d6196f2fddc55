import { awaitTrack } from '../engine/await-track.js';
import { driftVerdict, expectedOf, hashesOf } from '../engine/drift.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import type { Revision } from '../words/revision.js';
import { inconclusive, pass, type Verdict } from '../words/verdict.js';
import type { Runner, StepRun } from './step-run.js';

const timeoutMs = 600_000;

/** Somebody else wrote to stable while this rollout writes it. */
class Drifted extends Error {
  override readonly name = 'Drifted';
}

/** All pods of stable run this revision, are ready and serve. An autoscaler may make it more. */
async function stableRuns(run: StepRun, { hash }: Revision, { replicas = 0, strict = false } = {}): Promise<void> {
  let seen = false;
  const before = run.record().from?.hash;
  await awaitTrack(
    run.platform,
    run.read(),
    'stable',
    (status) => {
      const now = status.revision.hash;
      // Until our own write is seen, what it replaced may show.
      if (strict && (status.paused === true || (now !== hash && (seen || now !== before)))) throw new Drifted(`stable runs ${now}`);
      seen ||= now === hash;
      return status.settled && now === hash && status.replicas >= replicas;
    },
    {
      timeoutMs,
      what: `stable runs ${hash}`,
      progress: run.progress,
    },
  );
}

/** The intent first: a process that takes over must know that the template may be ours (RR CR-2). */
const touching = (run: StepRun): Promise<void> => (run.record().templateTouched ? Promise.resolve() : run.commit({ templateTouched: true }));

/** Hashes that this rollout may write over: what it found, what it wrote, what a person told it to. */
function mayReplace(run: StepRun): readonly string[] | undefined {
  const accepted = (run.record().accepted ?? []).map((key) => key.slice(key.lastIndexOf(' ') + 1));
  const { stable } = expectedOf(run.record(), run.index) ?? {};
  return stable === undefined ? undefined : [...stable, ...accepted];
}

/** Writes to stable and waits for it; what a person or GitOps wrote there meanwhile is not written over (RR IS-3). */
async function unlessDrifted(run: StepRun, work: (over: readonly string[] | undefined) => Promise<Verdict>): Promise<Verdict> {
  await touching(run);
  try {
    return await work(mayReplace(run));
  } catch (error) {
    if (!(error instanceof Drifted) && !ShepherdError.is(error, 'ERR_CONFLICT')) throw error;
    const drifted = await driftVerdict(run);
    if (drifted !== undefined) return drifted;
    if (!(error instanceof Drifted)) throw error;
    const { hash, from } = { hash: (await run.target()).stable?.revision.hash, from: run.record().from?.hash };
    if (hash !== from) return inconclusive(error.message);
    throw new ShepherdError('ERR_CONFLICT', `somebody wrote the version before (${from}) back to stable`, {
      facts: { object: run.app.name, reason: 'stable was put back' },
      remedy: 'deploy again when the new version is wanted',
    });
  }
}

const wrote = async (run: StepRun, { hash }: Revision): Promise<void> => {
  if (hash !== run.record().to.hash && hash !== run.record().wrote) await run.commit({ wrote: hash });
};

export const promote: Runner<'promote'> = (_step, run) =>
  unlessDrifted(run, async (over) => {
    const revision = await run.platform.releases.promote(run.write(), { over, release: run.record().request.release });
    await wrote(run, revision);
    const { replicas, stable } = await run.target();
    if (stable?.replicas !== replicas) await run.platform.tracks.scale(run.write(), 'stable', replicas);
    await stableRuns(run, revision, { replicas, strict: true });
    return pass(`stable runs ${revision.hash} on ${replicas} pods`);
  });

export const roll: Runner<'roll'> = (_step, run) => {
  const { replicas } = run.record();
  return unlessDrifted(run, async (over) => {
    const revision = await run.platform.releases.apply(run.write(), run.record().request.release, { track: 'stable', replicas, over });
    await wrote(run, revision);
    await stableRuns(run, revision, { strict: run.record().from !== undefined });
    return pass(`stable runs ${revision.hash}`);
  });
};

export const restore: Runner<'restore'> = async (step, run) => {
  const { stable, replicas } = await run.target();
  const { from, to, wrote: own, phase, decidedAt, templateTouched, cascade } = run.record();
  if (phase === 'forward') await touching(run);
  const ours = [to.hash, own, from?.hash, ...(cascade?.failed ?? []).flatMap(hashesOf)];
  // A person may have changed the template since: what is not ours is not taken back.
  if (phase === 'back' && templateTouched && stable !== undefined && !ours.includes(stable.revision.hash)) {
    return pass(`stable runs ${stable.revision.hash}, which somebody else wrote: left alone`);
  }
  const revision = await run.platform.releases.restore(run.write(), step.hash, { reason: run.record().request.reason });
  if (phase === 'forward') await wrote(run, revision);
  const serves = (stable?.replicas ?? replicas) > 0;
  if (serves) await stableRuns(run, revision);
  if (phase === 'back' && serves && decidedAt !== undefined && run.record().weight === 0) {
    await run.commit({ trafficBackMs: run.clock.now().getTime() - Date.parse(decidedAt) });
  }
  return pass(`stable runs ${revision.hash} again`);
};
