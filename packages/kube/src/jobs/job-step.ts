import { type Definition, defineStep, fail, pass, ShepherdError, type StepContext, type Verdict } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { type Pod, paths } from '../objects.js';
import { redact } from '../ready/redact.js';
import { endOf, type Job, type JobInput, jobManifest, jobName, jobUse } from './job.js';

const lookMs = 2_000;
const logLines = 20;

/** What a process that takes over must know: that the Job was made, and that it was done. */
interface Saved {
  readonly job: string;
  readonly done: boolean;
}

/**
 * A Job of the cluster as a step: a migration before the new version comes (`hooks: { beforeApply: [platform.job({ manifest })] }`). Made once for a rollout,
 * whichever process makes it, waited for, and never run again after a crash; its last log lines stand in the failure. Going back undoes nothing of what it did.
 */
export const jobStep = (cluster: Cluster): Definition<'step', JobInput> =>
  defineStep<JobInput, Saved>({
    use: jobUse,
    // Each Job has a time of its own, by which the cluster ends it.
    timeout: '24h',
    describe: ({ manifest }) => `run Job ${(manifest as Partial<Job>).metadata?.name ?? ''}`,
    run: (input, context) => translated(context, 'run a Job', () => run(cluster, input, context)),
  });

async function run(cluster: Cluster, input: JobInput, context: StepContext<Saved>): Promise<Verdict> {
  const { app, clock, signal, rolloutId = '', saved, progress } = context;
  const { namespace } = app;
  const manifest = jobManifest(input, { namespace, app: app.name, rolloutId });
  const name = jobName(input, rolloutId);
  if (saved?.done === true) return pass(`Job ${name} is complete`);
  const path = paths.jobs(namespace, name);
  // Made in this process, or by one before: the name tells.
  let job = await cluster.find<Job>(path, signal);
  if (job === undefined && saved !== undefined) return gone(name);
  if (job === undefined) job = await make(cluster, manifest, path, context);
  if (saved === undefined) await context.save({ job: name, done: false });
  for (let last = ''; ; ) {
    const end = endOf(job);
    if (end?.good === true) {
      await context.save({ job: name, done: true });
      return pass(`Job ${name} is complete`);
    }
    if (end !== undefined) return failed(cluster, context, name, end.why);
    const text = `Job ${name}: ${job.status?.active ?? 0} pods run, ${job.status?.failed ?? 0} failed`;
    if (text !== last) progress(text);
    last = text;
    await clock.sleep(lookMs, signal);
    const now = await cluster.find<Job>(path, signal);
    if (now === undefined) return gone(name);
    job = now;
  }
}

/** Another process may have been as fast. */
async function make(cluster: Cluster, manifest: object, path: string, { app, signal }: StepContext<Saved>): Promise<Job> {
  try {
    return await cluster.api.create<Job>(paths.jobs(app.namespace), manifest as Job, { signal });
  } catch (error) {
    if (!KubeError.is(error, 409)) throw error;
    return cluster.api.get<Job>(path, { signal });
  }
}

/** It may have run or not: nobody runs it twice on a guess. */
const gone = (name: string): Verdict =>
  fail(`Job ${name} was deleted, so nobody knows whether it ran: see what it did, then release again without it or as another Job`);

async function failed(cluster: Cluster, context: StepContext<Saved>, name: string, why: string): Promise<Verdict> {
  const log = await logOf(cluster, context, name).catch((error: unknown) => {
    context.signal.throwIfAborted();
    return [`(the log could not be read: ${ShepherdError.is(error) || error instanceof Error ? error.message : String(error)})`];
  });
  const tail = log.slice(-3).join(' | ');
  return fail(`Job ${name} failed: ${why}${tail === '' ? '' : `; its log ends: ${tail}`}`, { job: name, log });
}

async function logOf(cluster: Cluster, { app, signal }: StepContext<Saved>, name: string): Promise<readonly string[]> {
  const { items } = await cluster.api.list<Pod>(paths.pods(app.namespace), { signal, query: { labelSelector: `job-name=${name}` } });
  const last = items.toSorted((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')).at(-1);
  if (last === undefined) return [];
  const query = { tailLines: String(logLines), limitBytes: '16384' };
  const { status, text } = await cluster.api.raw('GET', `${paths.pods(app.namespace, last.metadata.name)}/log`, { signal, query });
  if (status !== 200) return [`(the log could not be read: ${status})`];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(redact);
}
