import type { Objects } from '../api/objects.js';
import type { Scheduler } from '../scheduler.js';
import { WorkQueue } from './work-queue.js';

/** Dependents first would be undone by their owners, so owners come first. */
const contents = [
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'services',
  'endpointslices.discovery.k8s.io',
  'pods',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'leases.coordination.k8s.io',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'resourcequotas',
  'limitranges',
  'endpoints',
  'events',
];
const recheckMs = 500;

/** Empties a namespace that is being deleted or was, and lets one that waits for it go. */
export class NamespaceController {
  readonly #queue: WorkQueue;
  readonly #stop: () => void;

  constructor(
    readonly objects: Objects,
    scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (name) => this.#reconcile(name));
    this.#stop = objects.watch('namespaces', ({ type, object }) => {
      if (type === 'deleted' || object.metadata.deletionTimestamp !== undefined) this.#queue.add(object.metadata.name);
    });
  }

  close(): void {
    this.#stop();
  }

  #reconcile(name: string): void {
    const namespace = this.objects.get('namespaces', undefined, name);
    if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) return;
    const left = contents.flatMap((resource) => this.objects.list(resource, name).map((object) => ({ resource, object })));
    for (const { resource, object } of left) {
      if (object.metadata.deletionTimestamp === undefined) this.objects.delete(resource, name, object.metadata.name);
    }
    if (contents.some((resource) => this.objects.list(resource, name).length > 0)) return this.#queue.add(name, recheckMs);
    if (namespace === undefined) return;
    const { spec, ...rest } = namespace;
    this.objects.update('namespaces', { ...rest, spec: { ...spec, finalizers: [] } } as never);
  }
}
