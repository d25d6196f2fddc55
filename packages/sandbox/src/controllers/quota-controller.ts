import type { KubeObject, Objects, StoredKind } from '../api/objects.js';
import { amountText, usedOf } from '../api/quota.js';
import type { Scheduler } from '../scheduler.js';
import { keyOf, splitKey, WorkQueue } from './work-queue.js';

const quotas = 'resourcequotas';

/** Writes into each ResourceQuota what is used of it. */
export class QuotaController {
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[] = [];

  constructor(
    readonly objects: Objects,
    scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops.push(objects.watch(quotas, ({ object }) => this.#add(object)));
    this.#stops.push(objects.eachKind((kind) => this.#follow(kind)));
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #follow({ resource, namespaced }: StoredKind): void {
    if (!namespaced || resource === quotas || resource === 'events') return;
    const stop = this.objects.watch(resource, ({ object }) => {
      for (const quota of this.objects.list(quotas, object.metadata.namespace)) this.#add(quota);
    });
    this.#stops.push(stop);
  }

  #add({ metadata }: KubeObject): void {
    this.#queue.add(keyOf(metadata.namespace, metadata.name));
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const quota = this.objects.get(quotas, namespace, name);
    if (quota === undefined) return;
    const used = Object.fromEntries(Object.entries(usedOf(this.objects, quota)).map(([key, amount]) => [key, amountText(key, amount)]));
    this.objects.updateStatus(quotas, { ...quota, status: { hard: quota.spec?.hard ?? {}, used } });
  }
}
