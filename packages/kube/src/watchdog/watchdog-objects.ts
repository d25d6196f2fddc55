import type { KubeObject } from '../api/index.js';

/** The watchdog's pod. */
export interface WatchdogOptions {
  /** Runs `node` with its arguments and has `shepherd.mjs`, the command as one file, in /app. */
  readonly image: string;
  readonly namespace: string;
}

const name = 'shepherd-watchdog';
const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'shepherd' };
const read = ['get', 'list', 'watch'];

/**
 * What taking a rollout back needs, and nothing that only going forward does: no creation of Deployments, no secret, nothing outside of the namespace. A role
 * cannot be narrowed to the apps, whose names are not known.
 */
const rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: [...read, 'update', 'patch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...read, 'create', 'update', 'patch'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: [...read, 'patch', 'delete'] },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: [...read, 'patch'] },
  { apiGroups: [''], resources: ['services'], verbs: [...read, 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods', 'pods/log', 'events'], verbs: read },
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy'], verbs: ['get'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: [...read, 'patch'] },
  { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: [...read, 'patch'] },
];

/** The watchdog of one namespace: an account, the least role that it can do with, and one pod that looks at the journals there (RR CR-4). */
export function watchdogObjects({ image, namespace }: WatchdogOptions): readonly KubeObject[] {
  const metadata = { name, namespace, labels };
  const selector = { 'app.kubernetes.io/name': name };
  const container = {
    name: 'watchdog',
    image,
    imagePullPolicy: 'IfNotPresent',
    // No command: node is what such an image runs.
    args: ['/app/shepherd.mjs', 'watchdog', 'run', '--namespace', namespace],
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  const spec = {
    serviceAccountName: name,
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    // It ends at once: another one, or the next, takes up what it had begun.
    terminationGracePeriodSeconds: 20,
    containers: [container],
  };
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules } as KubeObject,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    } as KubeObject,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: selector }, template: { metadata: { labels }, spec } },
    } as KubeObject,
  ];
}
