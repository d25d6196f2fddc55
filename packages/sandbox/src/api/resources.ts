import type { TypeNode } from './schema/schema.js';
import { type GroupResource, qualified } from './status-error.js';
import type { Column } from './tables/column.js';

/** One kind that the API server serves. */
export interface ResourceInfo extends GroupResource {
  readonly version: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `status` keeps what an ordinary write says about `status` away, `scale` is autoscaling/v1 Scale. Others have a handler of their own. */
  readonly subresources: readonly string[];
  /** Counts changes of `spec` in `metadata.generation`. */
  readonly generation: boolean;
  /** Answers a delete with the object instead of a Status, as the real server does for some kinds. */
  readonly returnsDeleted: boolean;
  /** Verbs that are not served, e.g. everything but create for access reviews. */
  readonly verbs: readonly string[];
  /** Of `kubectl get`, where the kind brings its own; else those of `tables/`. */
  readonly columns?: readonly Column[];
  /** Of its objects, where no built-in type has the kind. */
  readonly type?: TypeNode;
}

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

type Extra = Partial<Omit<ResourceInfo, keyof GroupResource | 'version' | 'kind' | 'subresources'>>;

const row = (group: string, version: string, plural: string, kind: string, short: string, subresources: string, extra: Extra = {}): ResourceInfo => ({
  group,
  version,
  plural,
  kind,
  singular: kind.toLowerCase(),
  shortNames: short === '' ? [] : short.split(' '),
  categories: [],
  namespaced: true,
  subresources: subresources === '' ? [] : subresources.split(' '),
  generation: false,
  returnsDeleted: false,
  verbs: ALL_VERBS,
  ...extra,
});

const all = { categories: ['all'] };
const counted = { generation: true };

const cluster = { namespaced: false };
const asked = { verbs: ['create'] };
const RBAC = 'rbac.authorization.k8s.io';

/** Adding a kind is one row here, its rules in `kinds/` where it has any, and its columns in `tables/`. */
export const builtInResources: readonly ResourceInfo[] = [
  row('', 'v1', 'configmaps', 'ConfigMap', 'cm', ''),
  row('', 'v1', 'endpoints', 'Endpoints', 'ep', ''),
  row('', 'v1', 'events', 'Event', 'ev', ''),
  row('', 'v1', 'limitranges', 'LimitRange', 'limits', ''),
  row('', 'v1', 'namespaces', 'Namespace', 'ns', 'finalize status', cluster),
  row('', 'v1', 'nodes', 'Node', 'no', 'proxy status', cluster),
  row('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'pvc', 'status', { returnsDeleted: true }),
  row('', 'v1', 'pods', 'Pod', 'po', 'eviction log proxy status', { ...all, ...counted, returnsDeleted: true }),
  row('', 'v1', 'resourcequotas', 'ResourceQuota', 'quota', 'status', { returnsDeleted: true }),
  row('', 'v1', 'secrets', 'Secret', '', ''),
  row('', 'v1', 'serviceaccounts', 'ServiceAccount', 'sa', '', { returnsDeleted: true }),
  row('', 'v1', 'services', 'Service', 'svc', 'proxy status', { ...all, returnsDeleted: true }),
  row('apps', 'v1', 'daemonsets', 'DaemonSet', 'ds', 'status', { ...all, ...counted }),
  row('apps', 'v1', 'deployments', 'Deployment', 'deploy', 'scale status', { ...all, ...counted }),
  row('apps', 'v1', 'replicasets', 'ReplicaSet', 'rs', 'scale status', { ...all, ...counted }),
  row('apps', 'v1', 'statefulsets', 'StatefulSet', 'sts', 'scale status', { ...all, ...counted }),
  row('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', '', '', { ...cluster, ...asked }),
  row('authorization.k8s.io', 'v1', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', '', '', asked),
  row('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', '', '', { ...cluster, ...asked }),
  row('authorization.k8s.io', 'v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', '', '', { ...cluster, ...asked }),
  row('authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview', '', '', { ...cluster, ...asked }),
  row('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'hpa', 'status', all),
  row('batch', 'v1', 'cronjobs', 'CronJob', 'cj', 'status', { ...all, ...counted }),
  row('batch', 'v1', 'jobs', 'Job', '', 'status', { ...all, ...counted }),
  row('networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'ing', 'status', counted),
  row('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', 'netpol', '', counted),
  row('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', 'pdb', 'status', counted),
  row(RBAC, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', '', '', cluster),
  row(RBAC, 'v1', 'clusterroles', 'ClusterRole', '', '', cluster),
  row(RBAC, 'v1', 'rolebindings', 'RoleBinding', '', ''),
  row(RBAC, 'v1', 'roles', 'Role', '', ''),
  row('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', 'crd crds', 'status', {
    ...cluster,
    ...counted,
    categories: ['api-extensions'],
  }),
  row('coordination.k8s.io', 'v1', 'leases', 'Lease', '', ''),
  row('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', '', '', counted),
  row('events.k8s.io', 'v1', 'events', 'Event', 'ev', ''),
];

/** The kinds served now: built in and, later, by custom resource definitions. */
export class Resources {
  readonly #byKey = new Map<string, ResourceInfo>();
  readonly #listeners = new Set<(info: ResourceInfo) => void>();

  constructor(rows: readonly ResourceInfo[] = builtInResources) {
    for (const info of rows) this.add(info);
  }

  add(info: ResourceInfo): void {
    this.#byKey.set(qualified(info), info);
    for (const seen of this.#listeners) seen(info);
  }

  remove(key: string): void {
    this.#byKey.delete(key);
  }

  /** Tells all there are and each that is added later. */
  each(seen: (info: ResourceInfo) => void): () => void {
    for (const info of this.#byKey.values()) seen(info);
    this.#listeners.add(seen);
    return () => void this.#listeners.delete(seen);
  }

  all(): ResourceInfo[] {
    return [...this.#byKey.values()];
  }

  /** `deployments.apps`, `pods`. */
  find(key: string): ResourceInfo | undefined {
    return this.#byKey.get(key);
  }

  /** @throws Error for a resource that nobody serves: a mistake in the sandbox itself, not of a client. */
  get(key: string): ResourceInfo {
    const info = this.#byKey.get(key);
    if (!info) throw new Error(`unknown resource [resource=${key}]`);
    return info;
  }

  at(group: string, version: string, plural: string): ResourceInfo | undefined {
    const info = this.#byKey.get(group === '' ? plural : `${plural}.${group}`);
    return info?.version === version ? info : undefined;
  }
}

/** `apps/v1`, `v1`. */
export const apiVersionOf = ({ group, version }: { group: string; version: string }): string => (group === '' ? version : `${group}/${version}`);
