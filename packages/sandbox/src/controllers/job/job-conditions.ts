import type { Wire } from '../../api/json.js';
import type { KubeObject } from '../../api/objects.js';
import { timestamp } from '../../api/timestamp.js';

/** How a job ends, in the words of the controller. */
export interface Ending {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** What is counted of a job. */
export interface JobCounts {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of containers in pods that still run: they count as failures where pods restart their containers. */
  readonly restarts: number;
}

/** Whether and how a job is at its end. Pure. */
export function endingOf({ spec, status }: KubeObject, { active, succeeded, failed, restarts }: JobCounts, nowMs: number): Ending | undefined {
  const inPlace = spec.template.spec.restartPolicy === 'OnFailure';
  const startedMs = Date.parse(status?.startTime ?? '');
  if (failed > spec.backoffLimit || (inPlace && (spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit))) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  if (spec.activeDeadlineSeconds !== undefined && nowMs >= startedMs + spec.activeDeadlineSeconds * 1000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const complete = spec.completions === undefined ? succeeded > 0 && active === 0 : succeeded >= spec.completions;
  return complete ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
}

/** How many pods should run now. Pure. */
export function wantedOf({ spec }: KubeObject, { active, succeeded }: JobCounts): number {
  if (spec.suspend) return 0;
  if (spec.completions === undefined) return succeeded > 0 ? active : spec.parallelism;
  return Math.min(spec.parallelism, Math.max(0, spec.completions - succeeded));
}

const before = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

/** The conditions of an ended job: what was aimed at, and that it is so. */
export function endConditions(old: readonly Wire[], { type, reason, message }: Ending, now: Date): Wire[] {
  const time = timestamp(now);
  const condition = (name: string): Wire => ({ type: name, status: 'True', lastProbeTime: time, lastTransitionTime: time, reason, message });
  return [...old.filter((one) => one.type !== 'Suspended'), condition(before[type]), condition(type)];
}

export const isFinished = ({ status }: KubeObject): boolean =>
  (status?.conditions ?? []).some(({ type, status: said }: Wire) => (type === 'Complete' || type === 'Failed') && said === 'True');

/** The conditions of a job that was suspended, or was and goes on. */
export function suspendConditions(old: readonly Wire[], suspended: boolean, now: Date): readonly Wire[] {
  const known = old.find(({ type }) => type === 'Suspended');
  if (suspended === (known?.status === 'True')) return old;
  const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
  const time = timestamp(now);
  const said = { type: 'Suspended', status: suspended ? 'True' : 'False', lastProbeTime: time, lastTransitionTime: time, reason, message };
  return [...old.filter((one) => one !== known), said];
}
