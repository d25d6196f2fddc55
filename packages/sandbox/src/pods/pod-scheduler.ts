import type { KubeObject, Objects } from '../api/objects.js';
import { EventRecorder } from '../controllers/events.js';
import { timestamp } from '../controllers/selector.js';
import { keyOf, splitKey, WorkQueue } from '../controllers/work-queue.js';
import type { Scheduler } from '../scheduler.js';
import { misfit } from './placement.js';

const decideMs = 3;

const isOver = (pod: KubeObject): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Puts each pod on the node, or says why it does not fit. */
export class PodScheduler {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];
  readonly #waiting = new Set<string>();

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
    readonly nodeName: string,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'default-scheduler');
    this.#queue = new WorkQueue(scheduler, (key) => this.#place(key));
    this.#stops = [
      objects.watch('pods', ({ type, object }) => {
        const key = keyOf(object.metadata.namespace, object.metadata.name);
        if (type === 'deleted' || isOver(object)) {
          this.#waiting.delete(key);
          this.#retry();
        } else if (!object.spec.nodeName && !this.#waiting.has(key)) this.#queue.add(key, decideMs);
      }),
      objects.watch('nodes', () => this.#retry()),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #retry(): void {
    for (const key of this.#waiting) this.#queue.add(key, decideMs);
  }

  #place(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.objects.get('pods', namespace, name);
    this.#waiting.delete(key);
    if (pod === undefined || pod.spec.nodeName || isOver(pod)) return;
    const node = this.objects.get('nodes', undefined, this.nodeName);
    const others = this.objects.list('pods').filter((other) => other.spec.nodeName && !isOver(other));
    const problem = node === undefined ? '0/0 nodes are available' : misfit(pod, node, others);
    if (problem !== undefined) return this.#refuse(key, pod, problem);
    const placed = this.objects.update('pods', { ...pod, spec: { ...pod.spec, nodeName: this.nodeName } });
    this.#condition(placed, { type: 'PodScheduled', status: 'True' });
    this.#events.record(pod, { type: 'Normal', reason: 'Scheduled', message: `Successfully assigned ${namespace}/${name} to ${this.nodeName}` });
  }

  #refuse(key: string, pod: KubeObject, message: string): void {
    this.#waiting.add(key);
    this.#condition(pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message });
    this.#events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
  }

  #condition(pod: KubeObject, said: { type: string; status: string; reason?: string; message?: string }): void {
    const before: readonly { type: string; status: string; lastTransitionTime: string }[] = pod.status?.conditions ?? [];
    const last = before.find(({ type }) => type === said.type);
    const lastTransitionTime = last?.status === said.status ? last.lastTransitionTime : timestamp(this.scheduler.date());
    const conditions = [...before.filter(({ type }) => type !== said.type), { ...said, lastProbeTime: null, lastTransitionTime }];
    this.objects.updateStatus('pods', { ...pod, status: { ...pod.status, phase: 'Pending', conditions } });
  }
}
