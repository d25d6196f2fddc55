import type { KubeObject, Objects } from '../../api/objects.js';
import { isReady } from '../../api/pod-ready.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { EventRecorder } from '../events.js';
import { conditionOf } from '../pod-facts.js';
import { WorkQueue } from '../work-queue.js';
import { givenUpAtMs, taintsOf, unreachableTaints, withoutUnreachable } from './node-health.js';

const nodes = 'nodes';

/** Gives up nodes that are silent: they and their pods are no longer ready, and a taint drives the pods away. Takes it back when they are heard again. */
export class NodeController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stop: () => void;

  /** @param heartbeatMs when a node was last heard of; `undefined` for one that lives */
  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
    private readonly heartbeatMs: (node: string) => number | undefined,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'node-controller');
    this.#queue = new WorkQueue(scheduler, (name) => this.#reconcile(name));
    this.#stop = objects.watch(nodes, ({ object }) => this.#queue.add(object.metadata.name));
  }

  /** A node has fallen silent: from now on there is something to wait for. A cluster in which all live has no timers. */
  fellSilent(name: string): void {
    this.#queue.add(name);
  }

  close(): void {
    this.#stop();
  }

  #reconcile(name: string): void {
    const node = this.objects.get(nodes, undefined, name);
    if (node === undefined) return;
    const heartbeatMs = this.heartbeatMs(name);
    if (heartbeatMs === undefined) return this.#welcome(node);
    const leftMs = givenUpAtMs(heartbeatMs) - this.scheduler.now();
    if (leftMs > 0) this.#queue.add(name, leftMs);
    else if (conditionOf(node, 'Ready')?.status !== 'Unknown') this.#giveUp(node);
  }

  #welcome(node: KubeObject): void {
    const taints = withoutUnreachable(node);
    if (taints.length < taintsOf(node).length) this.objects.update(nodes, { ...node, spec: { ...node.spec, taints } });
  }

  #giveUp(node: KubeObject): void {
    const { name } = node.metadata;
    const now = timestamp(this.scheduler.date());
    const conditions: readonly { type: string }[] = node.status?.conditions ?? [];
    const next = [
      ...conditions.filter(({ type }) => type !== 'Ready'),
      {
        ...conditions.find(({ type }) => type === 'Ready'),
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: now,
      },
    ];
    const silent = this.objects.updateStatus(nodes, { ...node, status: { ...node.status, conditions: next } });
    this.objects.update(nodes, { ...silent, spec: { ...silent.spec, taints: [...withoutUnreachable(silent), ...unreachableTaints(now)] } });
    this.#events.record(node, { type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` });
    for (const pod of this.objects.list('pods')) if (pod.spec.nodeName === name && isReady(pod)) this.#unready(pod, now);
  }

  #unready(pod: KubeObject, now: string): void {
    const conditions = pod.status.conditions.map((condition: { type: string }) =>
      condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: now } : condition,
    );
    this.objects.updateStatus('pods', { ...pod, status: { ...pod.status, conditions } });
    this.#events.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }
}
