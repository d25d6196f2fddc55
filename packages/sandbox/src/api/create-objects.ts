import type { Clock } from '@shepherd/core';
import { bootstrap } from './bootstrap.js';
import { serveCustomResources } from './custom-resources.js';
import type { Objects } from './objects.js';
import { trackUpdate } from './patch/managed-fields.js';
import { Registry, type WriteOptions } from './registry.js';
import { apiVersionOf, type ResourceInfo, Resources } from './resources.js';
import { typeOf } from './schema/schema.js';
import { qualified, StatusError } from './status-error.js';

/** The objects of a sandbox, and what only the API server beside it uses. */
export interface SandboxObjects extends Objects {
  readonly registry: Registry;
  /** Forgets the past: watches and pages that start before now answer 410. */
  forgetHistory(): void;
}

export interface ObjectsOptions {
  readonly clock: Clock;
  /** Changes remembered for each resource, at least. @default 1000 */
  readonly historyLimit?: number | undefined;
}

/** Fields of a client's object that a controller changes are no longer the client's; what controllers make themselves needs no owners. */
const trackController =
  (info: ResourceInfo, registry: Registry): WriteOptions['track'] =>
  (draft, previous) => {
    if (!draft.metadata.managedFields) return;
    const writer = { manager: 'kube-controller-manager', apiVersion: apiVersionOf(info), time: registry.now() };
    trackUpdate(draft, previous, writer, typeOf(info));
  };

/** An empty cluster with the namespaces and roles that every cluster has. */
export function createObjects({ clock, historyLimit }: ObjectsOptions): SandboxObjects {
  const resources = new Resources();
  const registry = new Registry(resources, clock, historyLimit);
  const inScope = (resource: string, namespace: string | undefined): string | undefined => (resources.get(resource).namespaced ? namespace : undefined);
  bootstrap(registry);
  serveCustomResources(registry);
  return {
    registry,
    get: (resource, namespace, name) => registry.store.get(resource, inScope(resource, namespace), name),
    list: (resource, namespace) => registry.store.list(resource, inScope(resource, namespace)),
    create: (resource, object) => registry.create(resources.get(resource), object),
    update: (resource, object) => registry.update(resources.get(resource), object, { track: trackController(resources.get(resource), registry) }),
    updateStatus(resource, object) {
      // A controller writes what it has just observed; who changed the rest meanwhile does not make that wrong. Old annotations would.
      const info = resources.get(resource);
      const current = registry.need(info, inScope(resource, object.metadata.namespace), object.metadata.name);
      const { resourceVersion, annotations, ...metadata } = object.metadata;
      const fresh = resourceVersion === current.metadata.resourceVersion && annotations;
      return registry.update(info, { ...object, metadata: { ...metadata, ...(fresh && { annotations }) } }, { subresource: 'status' });
    },
    delete(resource, namespace, name, { grace } = {}) {
      try {
        registry.delete(resources.get(resource), inScope(resource, namespace), name, { grace });
      } catch (error) {
        if (!(error instanceof StatusError && error.code === 404)) throw error;
      }
    },
    watch: (resource, watcher) => registry.store.watch(resources.get(resource) && resource, watcher),
    eachKind: (seen) =>
      resources.each((info) => {
        // Questions are answered and not stored.
        if (info.verbs.includes('list')) seen({ resource: qualified(info), kind: info.kind, namespaced: info.namespaced });
      }),
    forgetHistory: () => registry.store.forget(),
  };
}
