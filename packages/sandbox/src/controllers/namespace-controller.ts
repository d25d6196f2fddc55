import type { Objects } from '../api/objects.js';
import type { Scheduler } from '../scheduler.js';
import { WorkQueue } from './work-queue.js';

/** Dependents first would be undone by their owners, so owners come first. */
const ownersFirst = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'daemonsets.apps', 'cronjobs.batch', 'jobs.batch', 'services'];
const recheckMs = 500;
const caText =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Empties a namespace that is being deleted or was, and lets one that waits for it go. */
export class NamespaceController {
  readonly #queue: WorkQueue;
  readonly #stops: readonly (() => void)[];
  readonly #contents = new Set(ownersFirst);

  constructor(
    readonly objects: Objects,
    scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (name) => this.#reconcile(name));
    this.#stops = [
      objects.eachKind(({ resource, namespaced }) => {
        if (namespaced) this.#contents.add(resource);
      }),
      objects.watch('namespaces', ({ type, object }) => {
        if (type !== 'modified' || object.metadata.deletionTimestamp !== undefined) this.#queue.add(object.metadata.name);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  /** What every namespace holds. There is no certificate: clients of the sandbox speak no TLS. */
  #furnish(name: string): void {
    const rootCa = { metadata: { name: 'kube-root-ca.crt', namespace: name, annotations: { 'kubernetes.io/description': caText } }, data: { 'ca.crt': '' } };
    if (this.objects.get('serviceaccounts', name, 'default') === undefined) {
      this.objects.create('serviceaccounts', { metadata: { name: 'default', namespace: name } });
    }
    if (this.objects.get('configmaps', name, 'kube-root-ca.crt') === undefined) this.objects.create('configmaps', rootCa);
  }

  #reconcile(name: string): void {
    const namespace = this.objects.get('namespaces', undefined, name);
    if (namespace !== undefined && namespace.metadata.deletionTimestamp === undefined) return this.#furnish(name);
    const contents = [...this.#contents];
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
