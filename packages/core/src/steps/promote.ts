import { awaitTrack } from '../engine/await-track.js';
import type { Revision } from '../words/revision.js';
import { pass } from '../words/verdict.js';
import type { Runner, StepRun } from './step-run.js';

const timeoutMs = 600_000;

/** All pods of stable run this revision, are ready and serve. */
async function stableRuns(run: StepRun, { hash }: Revision, replicas?: number): Promise<void> {
  await awaitTrack(
    run.platform,
    run.read(),
    'stable',
    (status) => status.settled && status.revision.hash === hash && (replicas === undefined || status.replicas === replicas),
    {
      timeoutMs,
      what: `stable runs ${hash}`,
      progress: run.progress,
    },
  );
}

/** The intent first: a process that takes over must know that the template may be ours (RR CR-2). */
const touching = (run: StepRun): Promise<void> => (run.record().templateTouched ? Promise.resolve() : run.commit({ templateTouched: true }));

export const promote: Runner<'promote'> = async (_step, run) => {
  await touching(run);
  const revision = await run.platform.releases.promote(run.write());
  const { replicas, stable } = await run.target();
  if (stable?.replicas !== replicas) await run.platform.tracks.scale(run.write(), 'stable', replicas);
  await stableRuns(run, revision, replicas);
  return pass(`stable runs ${revision.hash} on ${replicas} pods`);
};

export const roll: Runner<'roll'> = async (_step, run) => {
  await touching(run);
  const { replicas } = await run.target();
  const revision = await run.platform.releases.apply(run.write(), run.record().request.release, { track: 'stable', replicas });
  await stableRuns(run, revision);
  return pass(`stable runs ${revision.hash}`);
};

export const restore: Runner<'restore'> = async (step, run) => {
  const { stable, replicas } = await run.target();
  const { from, phase, decidedAt, templateTouched } = run.record();
  if (phase === 'forward') await touching(run);
  // A person may have changed the template since: what is not ours is not taken back.
  if (phase === 'back' && templateTouched && stable !== undefined && stable.revision.hash !== run.record().to.hash && stable.revision.hash !== from?.hash) {
    return pass(`stable runs ${stable.revision.hash}, which somebody else wrote: left alone`);
  }
  const revision = await run.platform.releases.restore(run.write(), step.hash);
  const serves = (stable?.replicas ?? replicas) > 0;
  if (serves) await stableRuns(run, revision);
  if (phase === 'back' && serves && decidedAt !== undefined && run.record().weight === 0) {
    await run.commit({ trafficBackMs: run.clock.now().getTime() - Date.parse(decidedAt) });
  }
  return pass(`stable runs ${revision.hash} again`);
};
