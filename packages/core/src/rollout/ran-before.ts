import { readAppRecord } from '../engine/read-record.js';
import type { Plan } from '../plan/plan.js';
import { followRecord } from './follow.js';
import type { LiveRollout } from './live-rollout.js';
import type { Outcome } from './outcome.js';
import type { Job } from './run.js';

/** The outcome of a rollout with this idempotency key that is there already, in whichever process; undefined: there is none. */
export async function ranBefore(job: Job, rollout: LiveRollout, started: (plan: Plan) => void): Promise<Outcome | undefined> {
  try {
    const { engine, context } = await job.locate(job.options.signal ?? new AbortController().signal);
    const record = readAppRecord(await engine.platform.journal.load(context), context.app);
    const past = record?.past.find(({ id }) => id === job.id);
    if (past !== undefined) return past.outcome;
    if (record?.current.id !== job.id) return undefined;
    started(record.current.plan);
    return await followRecord(engine, context, job.id, rollout);
  } catch {
    return undefined; // `run` meets the same trouble and says it
  }
}
