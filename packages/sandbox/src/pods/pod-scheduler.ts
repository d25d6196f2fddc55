import type { KubeObject, Objects } from '../api/objects.js';
import { timestamp } from '../api/timestamp.js';
import { EventRecorder } from '../controllers/events.js';
import { keyOf, splitKey, WorkQueue } from '../controllers/work-queue.js';
import type { Scheduler } from '../scheduler.js';
import { misfit, refusalOf, roomiest } from './placement.js';

const decideMs = 3;

/** A pod that names another scheduler waits for that one. */
const isOurs = (pod: KubeObject): boolean => pod.spec.schedulerName === 'default-scheduler';

const isOver = (pod: KubeObject): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Puts each pod on a node, or says why it fits on none. */
export class PodScheduler {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];
  readonly #waiting = new Set<string>();

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'default-scheduler');
    this.#queue = new WorkQueue(scheduler, (key) => this.#place(key));
    this.#stops = [
      objects.watch('pods', ({ type, object }) => {
        const key = keyOf(object.metadata.namespace, object.metadata.name);
        if (type === 'deleted' || isOver(object)) {
          this.#waiting.delete(key);
          this.#retry();
        } else if (!object.spec.nodeName && isOurs(object) && !this.#waiting.has(key)) this.#queue.add(key, decideMs);
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
    const all = this.objects.list('pods').filter((other) => other.spec.nodeName && !isOver(other));
    const judged = this.objects.list('nodes').map((node) => {
      const pods = all.filter((other) => other.spec.nodeName === node.metadata.name);
      return { name: node.metadata.name, pods, misfit: misfit(pod, node, pods) };
    });
    const nodeName = roomiest(
      pod,
      judged.filter((one) => one.misfit === undefined),
    );
    if (nodeName === undefined) {
      return this.#refuse(key, pod, refusalOf(judged.flatMap((one) => one.misfit ?? [])));
    }
    const placed = this.objects.update('pods', { ...pod, spec: { ...pod.spec, nodeName } });
    this.#condition(placed, { type: 'PodScheduled', status: 'True' });
    this.#events.record(pod, { type: 'Normal', reason: 'Scheduled', message: `Successfully assigned ${namespace}/${name} to ${nodeName}` });
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
