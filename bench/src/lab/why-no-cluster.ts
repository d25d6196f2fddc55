/** Why there is no cluster to run on; undefined: there is one, and its owner said that it is for tests. */
export function whyNoCluster(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const missing = [
    ...(env['SHEPHERD_TEST_CLUSTER'] === '1' ? [] : ['SHEPHERD_TEST_CLUSTER=1, which says that the cluster may be used for tests']),
    ...((env['KUBECONFIG'] ?? '') === '' ? ['KUBECONFIG, which names the cluster'] : []),
  ];
  return missing.length === 0 ? undefined : `this needs a real cluster and does not guess one; set ${missing.join(', and ')}`;
}
