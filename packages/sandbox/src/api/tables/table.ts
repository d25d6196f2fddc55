import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { ResourceInfo } from '../resources.js';
import { qualified } from '../status-error.js';
import {
  claimColumns,
  configMapColumns,
  eventColumns,
  leaseColumns,
  limitRangeColumns,
  namespaceColumns,
  nodeColumns,
  quotaColumns,
  secretColumns,
  serviceAccountColumns,
} from './cluster-columns.js';
import { ageColumn, type Column, createdAtColumn, nameColumn } from './column.js';
import { endpointSliceColumns, endpointsColumns, ingressColumns, networkPolicyColumns, serviceColumns } from './network-columns.js';
import { podColumns } from './pod-columns.js';
import { autoscalerColumns, bindingColumns, budgetColumns, roleColumns } from './policy-columns.js';
import { cronJobColumns, daemonSetColumns, deploymentColumns, jobColumns, replicaSetColumns, statefulSetColumns } from './workload-columns.js';

const byResource: Readonly<Record<string, readonly Column[]>> = {
  configmaps: configMapColumns,
  endpoints: endpointsColumns,
  events: eventColumns,
  limitranges: limitRangeColumns,
  namespaces: namespaceColumns,
  nodes: nodeColumns,
  persistentvolumeclaims: claimColumns,
  pods: podColumns,
  resourcequotas: quotaColumns,
  secrets: secretColumns,
  serviceaccounts: serviceAccountColumns,
  services: serviceColumns,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingColumns,
  'clusterroles.rbac.authorization.k8s.io': roleColumns,
  'cronjobs.batch': cronJobColumns,
  'customresourcedefinitions.apiextensions.k8s.io': [nameColumn, createdAtColumn],
  'daemonsets.apps': daemonSetColumns,
  'deployments.apps': deploymentColumns,
  'endpointslices.discovery.k8s.io': endpointSliceColumns,
  'horizontalpodautoscalers.autoscaling': autoscalerColumns,
  'ingresses.networking.k8s.io': ingressColumns,
  'jobs.batch': jobColumns,
  'leases.coordination.k8s.io': leaseColumns,
  'networkpolicies.networking.k8s.io': networkPolicyColumns,
  'poddisruptionbudgets.policy': budgetColumns,
  'replicasets.apps': replicaSetColumns,
  'rolebindings.rbac.authorization.k8s.io': bindingColumns,
  'roles.rbac.authorization.k8s.io': roleColumns,
  'statefulsets.apps': statefulSetColumns,
};

export interface TableOptions {
  /** What of each object goes with its row. */
  readonly include: 'Metadata' | 'None' | 'Object';
  readonly now: Date;
  /** A watch tells its columns once. */
  readonly headed: boolean;
  /** Of the list. */
  readonly metadata: object;
}

/** The metadata alone of an object, as it stands in tables and in lists of metadata. */
export const partialOf = ({ metadata }: KubeObject, kind = 'PartialObjectMetadata'): Wire => ({ kind, apiVersion: 'meta.k8s.io/v1', metadata });

/** A `meta.k8s.io/v1` Table: what `kubectl get` prints, made by the server. */
export function tableOf(info: ResourceInfo, objects: readonly KubeObject[], { include, now, headed, metadata }: TableOptions): Wire {
  const columns = info.columns ?? byResource[qualified(info)] ?? [nameColumn, ageColumn];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: headed ? columns.map(({ name, type, format = '', priority }) => ({ name, type, format, description: '', priority })) : null,
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, now) ?? null),
      object: include === 'None' ? null : include === 'Object' ? object : partialOf(object),
    })),
  };
}
