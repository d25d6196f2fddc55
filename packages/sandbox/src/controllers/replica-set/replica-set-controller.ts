import type { KubeObject, Objects } from '../../api/objects.js';
import { controllerOf, controllerRef } from '../../api/owners.js';
import { isReady } from '../../api/pod-ready.js';
import { matchesSelector } from '../../api/selectors.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { createPod } from '../create-pod.js';
import { EventRecorder } from '../events.js';
import { availableInMs, isActive } from '../pod-facts.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';
import { victimsFirst } from './victims.js';

const replicaSets = 'replicasets.apps';
/** Pods made or removed in one reconcile. */
const burst = 500;

interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** Keeps as many pods as each ReplicaSet asks for. */
export class ReplicaSetController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'replicaset-controller');
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops = [
      objects.watch(replicaSets, ({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))),
      objects.watch('pods', ({ object, previous }) => {
        this.#addOwner(object);
        if (previous !== undefined && controllerOf(previous)?.uid !== controllerOf(object)?.uid) this.#addOwner(previous);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #addOwner(pod: KubeObject): void {
    const owner = controllerOf(pod);
    if (owner?.kind === 'ReplicaSet') this.#queue.add(keyOf(pod.metadata.namespace, owner.name));
    else if (owner === undefined) {
      for (const set of this.objects.list(replicaSets, pod.metadata.namespace)) {
        if (matchesSelector(set.spec.selector, pod.metadata.labels)) this.#queue.add(keyOf(set.metadata.namespace, set.metadata.name));
      }
    }
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.objects.get(replicaSets, namespace, name);
    if (set === undefined) return;
    const going = set.metadata.deletionTimestamp !== undefined;
    const failure = going ? undefined : this.#manage(set, this.#claim(set, true));
    const retryMs = this.#writeStatus(set, this.#claim(set, !going), failure);
    if (failure !== undefined) throw Object.assign(new Error(failure.message), { code: 500 });
    if (retryMs !== undefined) this.#queue.add(key, retryMs);
  }

  /** The active pods of this set: its own, and orphans that fit (adopted); one whose labels no longer fit is let go. */
  #claim(set: KubeObject, adopt: boolean): KubeObject[] {
    return this.objects.list('pods', set.metadata.namespace).flatMap((pod) => {
      const owner = controllerOf(pod);
      const fits = matchesSelector(set.spec.selector, pod.metadata.labels);
      if (owner?.uid === set.metadata.uid) {
        if (fits) return isActive(pod) ? [pod] : [];
        if (pod.metadata.deletionTimestamp === undefined)
          this.#setOwners(pod, pod.metadata.ownerReferences?.filter(({ uid }) => uid !== set.metadata.uid) ?? []);
        return [];
      }
      if (owner !== undefined || !fits || !adopt || !isActive(pod)) return [];
      return [this.#setOwners(pod, [...(pod.metadata.ownerReferences ?? []), controllerRef(set)])];
    });
  }

  #setOwners(pod: KubeObject, ownerReferences: NonNullable<KubeObject['metadata']['ownerReferences']>): KubeObject {
    const { ownerReferences: _, ...metadata } = pod.metadata;
    return this.objects.update('pods', { ...pod, metadata: { ...metadata, ...(ownerReferences.length > 0 && { ownerReferences }) } });
  }

  #manage(set: KubeObject, pods: readonly KubeObject[]): Failure | undefined {
    const missing = set.spec.replicas - pods.length;
    if (missing > 0) return this.#create(set, Math.min(missing, burst));
    for (const pod of victimsFirst(pods, this.scheduler.date().getTime()).slice(0, Math.min(-missing, burst))) {
      this.objects.delete('pods', pod.metadata.namespace, pod.metadata.name);
      this.#events.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    }
    return undefined;
  }

  #create(set: KubeObject, count: number): Failure | undefined {
    for (let made = 0; made < count; made++) {
      const message = createPod(this.objects, this.#events, set);
      if (message !== undefined) return { reason: 'FailedCreate', message };
    }
    return undefined;
  }

  /** Answers in how many milliseconds the next pod becomes available. */
  #writeStatus(set: KubeObject, pods: readonly KubeObject[], failure: Failure | undefined): number | undefined {
    const nowMs = this.scheduler.date().getTime();
    const waits = pods.map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs));
    const templateLabels = Object.entries(set.spec.template.metadata?.labels ?? {});
    const counts = {
      fullyLabeledReplicas: pods.filter((pod) => templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value)).length,
      readyReplicas: pods.filter(isReady).length,
      availableReplicas: waits.filter((wait) => wait === 0).length,
    };
    const conditions = this.#conditions(set, failure);
    this.objects.updateStatus(replicaSets, {
      ...set,
      status: {
        replicas: pods.length,
        ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
        observedGeneration: set.metadata.generation,
        ...(conditions.length === 0 ? {} : { conditions }),
      },
    });
    const later = waits.filter((wait) => wait !== undefined && wait > 0) as number[];
    return later.length === 0 ? undefined : Math.min(...later);
  }

  #conditions(set: KubeObject, failure: Failure | undefined): readonly object[] {
    const others = ((set.status?.conditions ?? []) as { type: string }[]).filter(({ type }) => type !== 'ReplicaFailure');
    if (failure === undefined) return others;
    const before = set.status?.conditions?.find(({ type }: { type: string }) => type === 'ReplicaFailure');
    if (before?.reason === failure.reason) return set.status.conditions;
    return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestamp(this.scheduler.date()), ...failure }];
  }
}
