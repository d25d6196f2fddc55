const groups: Readonly<Record<string, string>> = {
  deployments: 'apps/v1',
  replicasets: 'apps/v1',
  statefulsets: 'apps/v1',
  daemonsets: 'apps/v1',
  jobs: 'batch/v1',
  leases: 'coordination.k8s.io/v1',
  endpointslices: 'discovery.k8s.io/v1',
  poddisruptionbudgets: 'policy/v1',
  horizontalpodautoscalers: 'autoscaling/v2',
};

/** `deployments/web/scale` in a namespace; a path that begins with a slash stays, but for `{ns}`. */
export function pathOf(path: string, namespace: string): string {
  if (path.startsWith('/')) return path.replaceAll('{ns}', namespace);
  const group = groups[path.split(/[/?]/)[0] ?? ''];
  return `${group === undefined ? '/api/v1' : `/apis/${group}`}/namespaces/${namespace}/${path}`;
}
