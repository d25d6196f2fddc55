import { revisionAnnotation } from '../names.js';
import type { Condition, Deployment, EndpointSlice, Pod, ReplicaSet, Service } from '../objects.js';
import { annotation, ownedBy, selects } from '../objects.js';
import { templateHash } from '../releases/template-hash.js';
import { type Before, type Doom, doomOf } from './doomed.js';

/** What is read of one track, at one time. */
export interface Observation {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  /** Services of the app, previews too; those that select the track's pods count. */
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Restarts of pods that were well when they were seen first. @default none */
  readonly before?: Before | undefined;
  /** What the probes of a pod that is not ready answered, for the message. */
  readonly answers?: ReadonlyMap<string, string> | undefined;
}

/** What follows from it (KC 7). */
export interface Judgement {
  readonly replicas: number;
  readonly ready: number;
  readonly restarts: number;
  /** A container waits for its next start, since it ends again and again. */
  readonly crashLooping: boolean;
  /** Wanted pods that were not ready yet, also those that are not made yet. */
  readonly coming: number;
  readonly settled: boolean;
  readonly waitingFor: string | undefined;
  readonly doom: Doom | undefined;
  /** Living pods of the current template. */
  readonly pods: readonly Pod[];
  /** The one that `waitingFor` speaks of. */
  readonly unready: Pod | undefined;
}

const statusesOf = ({ status }: Pod) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];

const condition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined => conditions?.find((each) => each.type === type);

/** The ReplicaSet of the template that the Deployment has now. */
export function currentReplicaSet({ deployment, replicaSets }: Pick<Observation, 'deployment' | 'replicaSets'>): ReplicaSet | undefined {
  const revision = annotation(deployment, revisionAnnotation);
  return replicaSets.find((each) => ownedBy(each, deployment.metadata.uid) && revision !== undefined && annotation(each, revisionAnnotation) === revision);
}

const nothing: ReadonlySet<string> = new Set();
const serviceName = 'kubernetes.io/service-name';

/** Names of the pods that a Service sends requests to now. */
export const servedBy = (slices: readonly EndpointSlice[], service: string): ReadonlySet<string> =>
  new Set(
    slices
      .filter(({ metadata }) => metadata.labels?.[serviceName] === service)
      .flatMap(({ endpoints }) =>
        (endpoints ?? []).flatMap(({ conditions, targetRef }) => (conditions?.ready === true && targetRef?.name !== undefined ? [targetRef.name] : [])),
      ),
  );

/**
 * A pod that starts: its condition Ready has not turned since the pod was set up. Where it turned and turned back, the pod got worse; one that failed or restarted
 * does not start any more.
 */
export function wasNeverReady({ status }: Pod): boolean {
  const ready = condition(status?.conditions, 'Ready');
  const initialized = condition(status?.conditions, 'Initialized');
  if (
    status?.phase === 'Failed' ||
    (status?.containerStatuses ?? []).some(({ restartCount = 0, state }) => restartCount > 0 || state?.terminated !== undefined)
  )
    return false;
  if (ready === undefined) return true;
  if (ready.status === 'True') return false;
  return initialized?.status !== 'True' || (ready.lastTransitionTime ?? '') <= (initialized.lastTransitionTime ?? '');
}

/** Why a pod is not ready, for people. */
function podTrouble(pod: Pod, answers: Observation['answers']): string {
  const scheduled = condition(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return `${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? ''}`;
  const waiting = pod.status?.containerStatuses?.map(({ state }) => state?.waiting).find((each) => each?.reason !== undefined);
  if (waiting !== undefined) return `${waiting.reason}${waiting.message === undefined ? '' : `: ${waiting.message}`}`;
  return pod.status?.phase === 'Running' ? (answers?.get(pod.metadata.name) ?? 'runs, its readiness probe does not pass yet') : (pod.status?.phase ?? 'starts');
}

/** The state of one track; the first thing that is still missing names the wait. Pure. */
export function judgeTrack(observation: Observation): Judgement {
  const { deployment, services, slices } = observation;
  const { spec, status = {}, metadata } = deployment;
  const replicas = spec.replicas ?? 1;
  const replicaSet = currentReplicaSet(observation);
  const alive = observation.pods.filter((pod) => ownedBy(pod, replicaSet?.metadata.uid) && pod.metadata.deletionTimestamp === undefined);
  const ready = alive.filter((pod) => condition(pod.status?.conditions, 'Ready')?.status === 'True');
  const labels = spec.template.metadata?.labels;
  const served = services
    .filter(({ spec: { selector } }) => selects(selector, labels))
    .map(({ metadata: { name } }) => ({ name, pods: servedBy(slices, name) }));
  const serving = ready.filter(({ metadata: { name } }) => served.every(({ pods }) => pods.has(name)));
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 1);
  // By template, not by observedGeneration: a mere scaling that was not seen yet must not make ready pods look gone.
  const current = replicaSet !== undefined && templateHash(replicaSet.spec.template, nothing) === templateHash(spec.template, nothing);
  const unready = alive.find((pod) => !ready.includes(pod));
  const trouble = unready === undefined ? '' : `; ${unready.metadata.name}: ${podTrouble(unready, observation.answers)}`;
  const missing = (): string | undefined => {
    if (spec.paused) return 'the Deployment is paused';
    if (!seen) return 'the controller has not seen the change yet';
    if (!current) return replicas === 0 ? undefined : 'no pod of the new template yet';
    if ((status.updatedReplicas ?? 0) < replicas) return `${status.updatedReplicas ?? 0} of ${replicas} pods made${trouble}`;
    const old = (status.replicas ?? 0) - replicas;
    if (old > 0) return old === 1 ? '1 old pod still there' : `${old} old pods still there`;
    if (ready.length < replicas) return `${ready.length} of ${replicas} pods ready${trouble}`;
    if ((status.availableReplicas ?? 0) < replicas)
      return `${status.availableReplicas ?? 0} of ${replicas} pods available (minReadySeconds ${spec.minReadySeconds ?? 0})`;
    if (serving.length < replicas) return `${serving.length} of ${replicas} pods in the endpoints of ${served.map(({ name }) => name).join(', ')}`;
    return undefined;
  };
  const waitingFor = missing();
  return {
    replicas,
    ready: current ? serving.length : 0,
    restarts: alive.reduce((sum, pod) => sum + (pod.status?.containerStatuses ?? []).reduce((n, { restartCount = 0 }) => n + restartCount, 0), 0),
    crashLooping: alive.some((pod) => statusesOf(pod).some(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff')),
    coming: current ? Math.max(0, Math.min(replicas - ready.length, replicas - alive.filter((pod) => !wasNeverReady(pod)).length)) : 0,
    settled: waitingFor === undefined,
    waitingFor,
    doom: current
      ? doomOf(alive, replicaSet, { before: observation.before, leaving: observation.pods.some((pod) => pod.metadata.deletionTimestamp !== undefined) })
      : undefined,
    pods: alive,
    unready,
  };
}
