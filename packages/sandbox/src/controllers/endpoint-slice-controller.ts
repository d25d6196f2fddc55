import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Objects } from '../api/objects.js';
import { matchesSelector } from '../api/selectors.js';
import type { Scheduler } from '../scheduler.js';
import { type SliceContent, serviceOf, sliceObject, slicesOf } from './endpoint-slices.js';
import { keyOf, splitKey, WorkQueue } from './work-queue.js';

const resource = 'endpointslices.discovery.k8s.io';

/** Keeps the EndpointSlices of each Service true to the pods it selects. */
export class EndpointSliceController {
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];

  constructor(
    readonly objects: Objects,
    scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops = [
      objects.watch('services', ({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))),
      objects.watch('pods', ({ object, previous }) => {
        for (const service of objects.list('services', object.metadata.namespace)) {
          const selector = service.spec.selector && { matchLabels: service.spec.selector };
          const concerns = matchesSelector(selector, object.metadata.labels) || (previous !== undefined && matchesSelector(selector, previous.metadata.labels));
          if (concerns) this.#queue.add(keyOf(service.metadata.namespace, service.metadata.name));
        }
      }),
      objects.watch(resource, ({ type, object }) => {
        const service = serviceOf(object);
        if (type === 'deleted' && service !== undefined) this.#queue.add(keyOf(object.metadata.namespace, service));
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const service = this.objects.get('services', namespace, name);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    const wanted = slicesOf(service, this.objects.list('pods', namespace));
    if (wanted === undefined) return;
    const present = this.objects
      .list(resource, namespace)
      .filter((slice) => serviceOf(slice) === name && slice.metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid));
    const free = new Set(present);
    for (const content of wanted) {
      const same = pick(free, content);
      if (same === undefined) this.objects.create(resource, sliceObject(service, content));
      else {
        free.delete(same);
        if (!holds(same, content)) this.objects.update(resource, { ...same, ...content, ports: [...content.ports], endpoints: [...content.endpoints] });
      }
    }
    for (const slice of free) this.objects.delete(resource, slice.metadata.namespace, slice.metadata.name);
  }
}

/** The slice that already has these ports, or any that is free. */
const pick = (free: ReadonlySet<KubeObject>, { ports }: SliceContent): KubeObject | undefined =>
  [...free].find((slice) => isDeepStrictEqual(slice.ports ?? [], ports)) ?? [...free][0];

const holds = (slice: KubeObject, { ports, endpoints }: SliceContent): boolean =>
  isDeepStrictEqual(slice.ports ?? [], ports) && isDeepStrictEqual(slice.endpoints ?? [], endpoints);
