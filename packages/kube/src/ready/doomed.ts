import type { Condition, ContainerStatus, Pod, ReplicaSet } from '../objects.js';

/** A pod (or the whole ReplicaSet) for which waiting is no use, and what says so. */
export interface Doom {
  readonly pod: string;
  readonly container: string | undefined;
  readonly state: string;
  readonly message: string;
  readonly exitCode: number | undefined;
  /** The log that tells is that of the container before the last restart. */
  readonly previousLog: boolean;
  /** How sure it is that no other pod fares better: with ready brothers one bad pod may be chance. */
  readonly restarts: number;
  /** May pass by itself: counts only if it is still so after `confirmMs`. */
  readonly soft: boolean;
}

/** A registry that could not be asked once may answer the next time; a name that nobody has never will. */
export const confirmMs = 2_000;

const always: ReadonlySet<string> = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
/** What a Secret, a ConfigMap or the runtime may mend within moments. */
const mending: ReadonlySet<string> = new Set(['CreateContainerConfigError', 'CreateContainerError']);
/** Somebody else's trouble, which passes. */
const passingText =
  /too ?many ?requests|rate limit|failed to sync|timeout|timed out|deadline exceeded|is reserved for|service unavailable|bad gateway|internal server error|server misbehaving|connection re(?:set|fused)|no space left/i;
const notThere = /not found|does not exist|manifest unknown|invalid reference/i;

/** Names of images and addresses stand in quotes and may hold any word. */
const passes = (text: string): boolean => passingText.test(text.replace(/"[^"]*"/g, '""'));

/** Restarts that a container already had when it was first seen, well; by uid of the pod. What it lived through before says nothing about this rollout. */
export type Before = ReadonlyMap<string, number>;

/** One container: what dooms it (KC 8), if anything does. */
function containerDoom(pod: Pod, status: ContainerStatus, before: number): Doom | undefined {
  const { waiting, terminated, running } = status.state ?? {};
  const last = status.lastState?.terminated;
  const restarts = Math.max(0, (status.restartCount ?? 0) - before);
  const doom = (state: string, message: string, exitCode?: number, previousLog = false): Doom => ({
    pod: pod.metadata.name,
    container: status.name,
    state,
    message,
    exitCode,
    previousLog,
    restarts,
    soft: false,
  });
  const reason = waiting?.reason ?? '';
  const text = waiting?.message ?? '';
  if (always.has(reason) && !passes(text)) return { ...doom(reason, text), soft: mending.has(reason) };
  if (reason === 'ErrImagePull' && (notThere.test(text) || !passes(text))) return { ...doom(reason, text), soft: !notThere.test(text) };
  if (reason === 'ImagePullBackOff' && (notThere.test(text) || !passes(text))) return doom(reason, text);
  if (reason === 'CrashLoopBackOff') {
    const why =
      last === undefined
        ? text
        : `exit code ${last.exitCode}${last.reason === undefined ? '' : `, ${last.reason}`}${last.message === undefined ? '' : `: ${last.message.trim()}`}`;
    return doom(last?.reason === 'OOMKilled' || last?.reason === 'StartError' ? last.reason : reason, why, last?.exitCode, last?.reason !== 'StartError');
  }
  // A container that died once, or long ago, and serves now has nothing to answer for.
  if (status.ready === true || (restarts === 0 && terminated === undefined)) return undefined;
  const ended = terminated ?? last;
  if (ended?.reason === 'OOMKilled' && restarts >= 1)
    return doom('OOMKilled', `exit code ${ended.exitCode}: the container used more memory than its limit`, ended.exitCode, terminated === undefined);
  if (running === undefined && (ended?.reason === 'StartError' || ended?.reason === 'ContainerCannotRun'))
    return doom(ended.reason, ended.message ?? '', ended.exitCode, terminated === undefined);
  if (restarts >= 2 && last !== undefined) return doom('Restarting', `restarted ${restarts} times, last with exit code ${last.exitCode}`, last.exitCode, true);
  return undefined;
}

/** Trouble of the node or its schedule is not the release's fault. */
const evicted: ReadonlySet<string> = new Set(['Evicted', 'Preempting', 'NodeShutdown', 'Shutdown', 'NodeAffinity', 'Terminated']);

function podDoom(pod: Pod, before: Before): Doom | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const known = before.get(pod.metadata.uid ?? '') ?? 0;
  const found = statuses.map((status) => containerDoom(pod, status, known)).find((doom) => doom !== undefined);
  if (found !== undefined) return found;
  if (pod.status?.phase !== 'Failed' || evicted.has(pod.status.reason ?? '')) return undefined;
  return {
    pod: pod.metadata.name,
    container: undefined,
    state: 'Failed',
    message: pod.status.message ?? pod.status.reason ?? '',
    exitCode: undefined,
    previousLog: false,
    restarts: 9,
    soft: false,
  };
}

const isReady = (pod: Pod): boolean => pod.status?.conditions?.some(({ type, status }: Condition) => type === 'Ready' && status === 'True') ?? false;
const restartsAmongReady = 3;
const none: Before = new Map();

interface Circumstances {
  readonly before?: Before | undefined;
  /** Pods of the app are on their way out, and will give back what they hold of a quota. */
  readonly leaving?: boolean | undefined;
}

/**
 * Why pods of one revision will not get ready, if that is certain: one is doomed and none is ready, half of them are, or one keeps failing beside ready
 * brothers. Only living pods of the newest ReplicaSet may be given.
 */
export function doomOf(pods: readonly Pod[], replicaSet: ReplicaSet | undefined, { before = none, leaving = false }: Circumstances = {}): Doom | undefined {
  const doomed = pods.map((pod) => podDoom(pod, before)).filter((doom) => doom !== undefined);
  const worst = doomed.reduce<Doom | undefined>((a, b) => (a === undefined || b.restarts > a.restarts ? b : a), undefined);
  if (worst !== undefined && (!pods.some(isReady) || doomed.length * 2 >= pods.length || worst.restarts >= restartsAmongReady)) return worst;
  const failure = replicaSet?.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  const text = failure?.message ?? '';
  if (failure === undefined || replicaSet === undefined || !/exceeded quota|forbidden|violates/i.test(text) || (leaving && /exceeded quota/i.test(text)))
    return undefined;
  return {
    pod: replicaSet.metadata.name,
    container: undefined,
    state: failure.reason ?? 'ReplicaFailure',
    message: text,
    exitCode: undefined,
    previousLog: false,
    restarts: 0,
    soft: true,
  };
}
