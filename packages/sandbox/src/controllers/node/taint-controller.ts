import type { KubeObject, Objects } from '../../api/objects.js';
import type { Scheduler } from '../../scheduler.js';
import { EventRecorder } from '../events.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';
import { type Taint, taintsOf, toleratedMs } from './node-health.js';

const drives = ({ effect }: Taint): boolean => effect === 'NoExecute';

/** Deletes pods from nodes with a NoExecute taint, each when its toleration is used up. */
export class TaintController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];
  /** When each taint was first seen, by node and key. */
  readonly #since = new Map<string, number>();

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'taint-eviction-controller');
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops = [
      objects.watch('nodes', ({ object }) => this.#look(object)),
      objects.watch('pods', ({ type, object }) => {
        if (type !== 'deleted' && object.spec.nodeName && this.#since.size > 0) this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name));
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #look(node: KubeObject): void {
    const { name } = node.metadata;
    const keys = new Set(
      taintsOf(node)
        .filter(drives)
        .map(({ key }) => `${name}/${key}`),
    );
    for (const key of this.#since.keys()) if (key.startsWith(`${name}/`) && !keys.has(key)) this.#since.delete(key);
    const fresh = [...keys].filter((key) => !this.#since.has(key));
    for (const key of fresh) this.#since.set(key, this.scheduler.now());
    if (fresh.length === 0) return;
    for (const { spec, metadata } of this.objects.list('pods')) if (spec.nodeName === name) this.#queue.add(keyOf(metadata.namespace, metadata.name));
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.objects.get('pods', namespace, name);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const node = this.objects.get('nodes', undefined, pod.spec.nodeName);
    const ends = (node === undefined ? [] : taintsOf(node))
      .filter(drives)
      .map((taint) => (this.#since.get(`${pod.spec.nodeName}/${taint.key}`) ?? this.scheduler.now()) + toleratedMs(pod, taint));
    const leftMs = Math.min(...ends) - this.scheduler.now();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    if (leftMs > 0) return this.#queue.add(key, leftMs);
    this.#events.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message: `Marking for deletion Pod ${namespace}/${name}` });
    this.objects.delete('pods', namespace, name);
  }
}
