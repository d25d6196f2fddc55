import { jobUse } from '../jobs/job.js';
import { common, eviction, execRights, merged, type Right, rightsOf } from '../preflight/rights.js';

/** What a Role is for. */
export type RbacPurpose = keyof typeof purposes;

const right = (group: string, resource: string, ...verbs: readonly string[]): Right => ({ group, resource, verbs });
const plan = { candidate: false, autoscaler: false };

interface Purpose {
  readonly what: string;
  readonly rights: readonly Right[];
}

const purposes = {
  rolling: { what: 'releases by rolling update, and rollbacks', rights: [...common, ...rightsOf(plan)] },
  canary: { what: 'releases by canary', rights: [...common, ...rightsOf({ ...plan, candidate: true })] },
  'blue-green': { what: 'releases by blue/green', rights: [...common, ...rightsOf({ ...plan, candidate: true, isolated: true })] },
  autoscaler: {
    what: 'holding a HorizontalPodAutoscaler while a canary or blue/green release runs',
    rights: rightsOf({ ...plan, asked: false, autoscaler: true }),
  },
  keda: { what: 'holding a ScaledObject of KEDA', rights: [right('keda.sh', 'scaledobjects', 'get', 'list', 'patch')] },
  config: {
    what: 'ConfigMaps and Secrets that go back together with a revision',
    rights: [right('', 'configmaps', 'get', 'create', 'patch'), right('', 'secrets', 'get', 'create', 'patch')],
  },
  job: { what: 'Jobs as steps of a release, migrations (beside the rights of its strategy)', rights: rightsOf({ ...plan, asked: false, steps: [jobUse] }) },
  exec: { what: 'commands in pods, as checks (beside the rights of what asks for them)', rights: execRights },
  secrets: { what: 'a look at whether Secrets and their keys are there, before a release, and secretRef in a config', rights: [right('', 'secrets', 'get')] },
  preflight: {
    what: 'everything that preflight looks at beside the release itself',
    rights: [
      right('', 'resourcequotas', 'list'),
      right('', 'limitranges', 'list'),
      right('', 'persistentvolumeclaims', 'get'),
      right('autoscaling', 'horizontalpodautoscalers', 'list'),
      right('policy', 'poddisruptionbudgets', 'list'),
      right('networking.k8s.io', 'ingresses', 'list'),
    ],
  },
  restart: { what: 'restart of all pods', rights: [...common, ...rightsOf(plan)] },
  scale: { what: 'scale, as a rollout of its own', rights: [...common, ...rightsOf(plan)] },
  evict: { what: 'restart of one pod (beside the rights of restart)', rights: eviction },
  reports: { what: 'logs and events in the report of a failed release', rights: [right('', 'pods/log', 'get'), right('', 'events', 'list')] },
  events: { what: 'Events of rollouts on the Deployment, for kubectl events', rights: [right('events.k8s.io', 'events', 'create')] },
  status: {
    what: 'status, watch and history, without a release',
    rights: [
      right('apps', 'deployments', 'get', 'list', 'watch'),
      right('apps', 'replicasets', 'list', 'watch'),
      right('', 'pods', 'list', 'watch'),
      right('', 'services', 'list', 'watch'),
      right('', 'configmaps', 'get', 'list', 'watch'),
      right('discovery.k8s.io', 'endpointslices', 'list', 'watch'),
      right('coordination.k8s.io', 'leases', 'get'),
      right('autoscaling', 'horizontalpodautoscalers', 'list'),
      right('', 'events', 'list'),
    ],
  },
  recover: {
    what: 'finding rollouts that nobody drives, and driving them (beside the rights of their strategy)',
    rights: [right('', 'configmaps', 'get', 'list', 'watch')],
  },
  diagnose: {
    what: 'diagnose, which only reads',
    rights: [
      right('apps', 'deployments', 'get', 'list'),
      right('apps', 'replicasets', 'list'),
      right('', 'pods', 'list'),
      right('', 'pods/log', 'get'),
      right('', 'pods/proxy', 'get'),
      right('', 'services', 'list'),
      right('', 'configmaps', 'get'),
      right('', 'secrets', 'get'),
      right('', 'events', 'list'),
      right('', 'resourcequotas', 'list'),
      right('discovery.k8s.io', 'endpointslices', 'list'),
      right('autoscaling', 'horizontalpodautoscalers', 'list'),
      right('policy', 'poddisruptionbudgets', 'list'),
      right('metrics.k8s.io', 'pods', 'list'),
    ],
  },
  verify: {
    what: 'verify, which only reads',
    rights: [
      right('apps', 'deployments', 'get', 'list', 'watch'),
      right('apps', 'replicasets', 'list', 'watch'),
      right('', 'pods', 'list', 'watch'),
      right('', 'pods/proxy', 'get'),
      right('', 'services', 'list', 'watch'),
      right('', 'services/proxy', 'get'),
      right('discovery.k8s.io', 'endpointslices', 'list'),
      right('autoscaling', 'horizontalpodautoscalers', 'list'),
    ],
  },
  baseline: { what: 'storing baselines (beside the rights of verify)', rights: [right('', 'configmaps', 'get', 'create', 'patch')] },
  helm: {
    what: "helm's own records; add every kind that the chart holds, with all verbs",
    rights: [right('', 'secrets', 'get', 'list', 'create', 'update', 'patch', 'delete')],
  },
} as const satisfies Readonly<Record<string, Purpose>>;

/** What rights can be printed for. */
export const rbacPurposes = Object.keys(purposes) as readonly RbacPurpose[];
/** What a purpose is, in a line for people. */
export const rbacPurposeText = (purpose: RbacPurpose): string => purposes[purpose].what;

/** Which rights, where, and whose. */
export interface RoleOptions {
  readonly purposes: readonly RbacPurpose[];
  readonly namespace: string;
  /** Of Role and RoleBinding. @default 'shepherd' */
  readonly name?: string | undefined;
  /** Who may; without one there is no RoleBinding. */
  readonly subject?: RbacSubject | undefined;
}

/** Who gets the rights. */
export interface RbacSubject {
  readonly kind: 'ServiceAccount' | 'User' | 'Group';
  readonly name: string;
  /** Of a ServiceAccount. @default that of the Role */
  readonly namespace?: string | undefined;
}

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' } as const;

/** The smallest Role that these purposes need, and its binding: objects to write as YAML. Namespaced, never a ClusterRole (KC AC-1). Pure. */
export function rolesFor({ purposes: asked, namespace, name = 'shepherd', subject }: RoleOptions): readonly object[] {
  const rights = merged(asked.flatMap((purpose): readonly Right[] => purposes[purpose].rights));
  const rules = rights.map(({ group, resource, verbs }) => ({ apiGroups: [group], resources: [resource], verbs }));
  const metadata = { name, namespace };
  const role = { ...rbac, kind: 'Role', metadata, rules };
  if (subject === undefined) return [role];
  const group = subject.kind === 'ServiceAccount' ? { namespace: subject.namespace ?? namespace } : { apiGroup: 'rbac.authorization.k8s.io' };
  return [
    role,
    {
      ...rbac,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: subject.kind, name: subject.name, ...group }],
    },
  ];
}
