import { copyJson, type Wire } from './json.js';
import type { KubeObject } from './objects.js';
import type { Registry } from './registry.js';
import { ALL_VERBS, type ResourceInfo } from './resources.js';
import { customType } from './schema/custom-type.js';
import { qualified } from './status-error.js';
import { since } from './tables/age.js';
import { ageColumn, type Column, nameColumn } from './tables/column.js';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** A JSON path of simple steps, as columns have them. */
const at = (path: string): readonly string[] => path.split('.').filter((step) => step !== '');

function columnOf({ name, type, format, priority = 0, jsonPath }: Wire): Column {
  const steps = at(jsonPath);
  const read = (object: KubeObject): Wire => steps.reduce<Wire>((value, step) => value?.[step], object);
  return {
    name,
    type,
    ...(format && { format }),
    priority,
    cell: (object, now) => (type === 'date' ? read(object) && since(read(object), now) : read(object)),
  };
}

function infoOf({ spec }: KubeObject): ResourceInfo {
  const { group, names, scope, versions } = spec;
  const version = versions.find(({ storage }: Wire) => storage) ?? versions[0];
  const columns: readonly Column[] = (version.additionalPrinterColumns ?? []).map(columnOf);
  return {
    group,
    version: version.name,
    plural: names.plural,
    kind: names.kind,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    subresources: version.subresources?.status ? ['status'] : [],
    generation: true,
    returnsDeleted: false,
    verbs: ALL_VERBS,
    columns: [nameColumn, ...columns, ...(columns.length === 0 ? [ageColumn] : [])],
    type: customType(names.kind, version.schema?.openAPIV3Schema),
  };
}

const condition = (type: string, reason: string, message: string, time: string): object => ({
  type,
  status: 'True',
  lastTransitionTime: time,
  reason,
  message,
});

function statusOf({ spec }: KubeObject, info: ResourceInfo, time: string): object {
  return {
    acceptedNames: { ...copyJson(spec.names), singular: info.singular, listKind: spec.names.listKind || `${info.kind}List` },
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found', time),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted', time),
    ],
    storedVersions: [info.version],
  };
}

/** Serves what custom resource definitions define, in the version that they store: other versions are not served. */
export function serveCustomResources(registry: Registry): void {
  const { store, resources } = registry;
  store.watch(DEFINITIONS, ({ type, object }) => {
    const info = infoOf(object);
    if (type === 'deleted') {
      for (const { metadata } of store.list(qualified(info))) registry.delete(info, metadata.namespace, metadata.name);
      resources.remove(qualified(info));
      return;
    }
    resources.add(info);
    if (object.status?.conditions) return;
    registry.update(resources.get(DEFINITIONS), { ...object, status: statusOf(object, info, registry.now()) }, { subresource: 'status' });
  });
}
