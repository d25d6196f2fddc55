import type { Wire } from '../../api/json.js';
import type { KubeObject, Objects } from '../../api/objects.js';
import { controllerOf } from '../../api/owners.js';
import { isReady } from '../../api/pod-ready.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { createPod } from '../create-pod.js';
import { EventRecorder } from '../events.js';
import { isActive } from '../pod-facts.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';
import { type Ending, endConditions, endingOf, isFinished, type JobCounts, suspendConditions, wantedOf } from './job-conditions.js';

const jobs = 'jobs.batch';
/** Holds a pod until its end is counted. */
const TRACKING = 'batch.kubernetes.io/job-tracking';
const firstBackoffMs = 10_000;
const longestBackoffMs = 600_000;

const isOver = ({ status }: KubeObject): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const restartsOf = ({ status }: KubeObject): number =>
  (status?.containerStatuses ?? []).reduce((sum: number, { restartCount = 0 }: Wire) => sum + restartCount, 0);
const without = (list: readonly string[], one: string): string[] => list.filter((item) => item !== one);

/** Runs the pods of Jobs to their end. Indexed jobs are run like others, without an index. */
export class JobController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];
  /** When the last pod of a job failed, and how many in a row. */
  readonly #failures = new Map<string, { readonly atMs: number; readonly count: number }>();

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'job-controller');
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops = [
      objects.watch(jobs, ({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))),
      objects.watch('pods', ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'Job') this.#queue.add(keyOf(object.metadata.namespace, owner.name));
        else if (object.metadata.finalizers?.includes(TRACKING) && owner === undefined) this.#letGo(object);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const job = this.objects.get(jobs, namespace, name);
    if (job === undefined) {
      this.#failures.delete(key);
      for (const pod of this.objects.list('pods', namespace)) if (controllerOf(pod)?.kind === 'Job' && controllerOf(pod)?.name === name) this.#letGo(pod);
      return;
    }
    const pods = this.objects.list('pods', namespace).filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
    if (isFinished(job)) return this.#afterwards(key, job, pods);
    const counts = this.#count(key, job, pods);
    const now = this.scheduler.date();
    const ending = job.metadata.deletionTimestamp === undefined ? endingOf(job, counts, now.getTime()) : undefined;
    if (ending !== undefined) return this.#end(key, job, pods, counts, ending);
    const active = this.#manage(key, job, pods, counts);
    this.#writeStatus(job, pods, { ...counts, active });
    const deadline = job.spec.activeDeadlineSeconds;
    if (deadline !== undefined && job.status?.startTime) {
      this.#queue.add(key, Math.max(1, Date.parse(job.status.startTime) + deadline * 1000 - now.getTime()));
    }
  }

  /** Counts the pods that have ended since the last time, each once. */
  #count(key: string, job: KubeObject, pods: readonly KubeObject[]): JobCounts {
    const ended = pods.filter((pod) => pod.metadata.finalizers?.includes(TRACKING) && (isOver(pod) || pod.metadata.deletionTimestamp !== undefined));
    const succeeded = ended.filter(({ status }) => status?.phase === 'Succeeded').length;
    const failed = ended.length - succeeded;
    if (failed > 0) this.#failures.set(key, { atMs: this.scheduler.now(), count: (this.#failures.get(key)?.count ?? 0) + failed });
    if (succeeded > 0) this.#failures.delete(key);
    const running = pods.filter(isActive);
    const counts = {
      active: running.length,
      succeeded: (job.status?.succeeded ?? 0) + succeeded,
      failed: (job.status?.failed ?? 0) + failed,
      restarts: running.reduce((sum, pod) => sum + restartsOf(pod), 0),
    };
    // First the number, then the pod: a pod that goes uncounted would be run again.
    if (ended.length > 0) this.#writeStatus(job, pods, counts);
    for (const pod of ended) this.#letGo(pod);
    return counts;
  }

  /** @returns how many pods run then */
  #manage(key: string, job: KubeObject, pods: readonly KubeObject[], counts: JobCounts): number {
    if (job.metadata.deletionTimestamp !== undefined) return counts.active;
    const wanted = wantedOf(job, counts);
    const running = pods.filter(isActive);
    if (wanted < running.length) {
      for (const pod of running.slice(wanted)) this.#delete(job, pod);
      return wanted;
    }
    const last = this.#failures.get(key);
    const waitMs = last === undefined ? 0 : last.atMs + Math.min(longestBackoffMs, firstBackoffMs * 2 ** (last.count - 1)) - this.scheduler.now();
    if (waitMs > 0 && wanted > running.length) {
      this.#queue.add(key, waitMs);
      return running.length;
    }
    for (let made = running.length; made < wanted; made++) if (!this.#create(job)) return made;
    return wanted;
  }

  #create(job: KubeObject): boolean {
    if (createPod(this.objects, this.#events, job, { finalizers: [TRACKING] }) === undefined) return true;
    this.#queue.add(keyOf(job.metadata.namespace, job.metadata.name), firstBackoffMs);
    return false;
  }

  #delete(job: KubeObject, pod: KubeObject): void {
    this.#letGo(pod);
    this.objects.delete('pods', pod.metadata.namespace, pod.metadata.name);
    this.#events.record(job, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
  }

  #letGo(pod: KubeObject): void {
    const stored = this.objects.get('pods', pod.metadata.namespace, pod.metadata.name);
    if (!stored?.metadata.finalizers?.includes(TRACKING)) return;
    const { finalizers, ...metadata } = stored.metadata;
    const others = without(finalizers, TRACKING);
    this.objects.update('pods', { ...stored, metadata: { ...metadata, ...(others.length > 0 && { finalizers: others }) } });
  }

  #end(key: string, job: KubeObject, pods: readonly KubeObject[], counts: JobCounts, ending: Ending): void {
    const running = pods.filter(isActive);
    for (const pod of running) this.#delete(job, pod);
    const now = this.scheduler.date();
    const conditions = endConditions(job.status?.conditions ?? [], ending, now);
    const failed = counts.failed + (ending.type === 'Failed' ? running.length : 0);
    this.#writeStatus(job, [], { ...counts, failed, active: 0 }, { conditions, ...(ending.type === 'Complete' && { completionTime: timestamp(now) }) });
    if (ending.type === 'Complete') this.#events.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
    else this.#events.record(job, { type: 'Warning', reason: ending.reason, message: ending.message });
    this.#failures.delete(key);
  }

  /** What is left of a finished job goes when its time is up. */
  #afterwards(key: string, job: KubeObject, pods: readonly KubeObject[]): void {
    for (const pod of pods) this.#letGo(pod);
    const ttl = job.spec.ttlSecondsAfterFinished;
    if (ttl === undefined) return;
    const end = (job.status.conditions as Wire[]).find(({ type }) => type === 'Complete' || type === 'Failed').lastTransitionTime;
    const leftMs = Date.parse(end) + ttl * 1000 - this.scheduler.date().getTime();
    if (leftMs > 0) return this.#queue.add(key, leftMs);
    this.objects.delete(jobs, job.metadata.namespace, job.metadata.name);
  }

  #writeStatus(job: KubeObject, pods: readonly KubeObject[], { active, succeeded, failed }: JobCounts, end: Wire = {}): void {
    const stored = this.objects.get(jobs, job.metadata.namespace, job.metadata.name) ?? job;
    const old: Wire[] = stored.status?.conditions ?? [];
    const suspended = job.spec.suspend === true;
    const conditions = end.conditions ?? suspendConditions(old, suspended, this.scheduler.date());
    const startTime = suspended ? undefined : (stored.status?.startTime ?? timestamp(this.scheduler.date()));
    this.objects.updateStatus(jobs, {
      ...stored,
      status: {
        ...(startTime !== undefined && { startTime }),
        ...(active > 0 && { active }),
        ...(succeeded > 0 && { succeeded }),
        ...(failed > 0 && { failed }),
        ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
        terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isOver(pod)).length,
        uncountedTerminatedPods: {},
        ...(end.completionTime && { completionTime: end.completionTime }),
        ...(conditions.length > 0 && { conditions }),
      },
    });
  }
}
