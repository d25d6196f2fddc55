import { spawnSync } from 'node:child_process';
import { type ApiReader, apiReader } from './api-reader.js';
import { kubectl, kubectlProxy } from './kubectl.js';
import { whyNoCluster } from './why-no-cluster.js';

/** A cluster to measure on: it reads through a proxy of kubectl, so that any kubeconfig will do, and removes the namespaces that it made. */
export interface Lab extends ApiReader, AsyncDisposable {
  /** A new namespace, with a name that begins so. */
  namespace(prefix: string): Promise<string>;
  /** Ends its pods at once and removes it in the background. */
  drop(namespace: string): Promise<void>;
}

/** @throws Error where `whyNoCluster` has a reason */
export async function openLab(): Promise<Lab> {
  const why = whyNoCluster();
  if (why !== undefined) throw new Error(why);
  const { url, child } = await kubectlProxy();
  const namespaces = new Set<string>();
  // Namespaces must not outlive the run, whichever way it ends.
  const removeAll = (): void => {
    if (namespaces.size > 0) spawnSync('kubectl', ['delete', 'namespace', ...namespaces, '--wait=false'], { stdio: 'ignore' });
    namespaces.clear();
    child.kill();
  };
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  const onSignal = (signal: NodeJS.Signals): never => process.exit(signals[signal as keyof typeof signals]);
  process.once('exit', removeAll);
  for (const signal of Object.keys(signals)) process.once(signal, onSignal);
  return {
    ...apiReader(url),
    namespace: async (prefix) => {
      const name = `${prefix}-${Math.random().toString(36).slice(2, 8)}`;
      namespaces.add(name);
      await kubectl(['create', 'namespace', name]);
      return name;
    },
    drop: async (namespace) => {
      await kubectl(['-n', namespace, 'delete', 'deployments,replicasets,services', '--all', '--wait=false']);
      await kubectl(['-n', namespace, 'delete', 'pods', '--all', '--grace-period=0', '--force', '--wait=false']);
      await kubectl(['delete', 'namespace', namespace, '--wait=false']);
      namespaces.delete(namespace);
    },
    [Symbol.asyncDispose]: async () => {
      process.off('exit', removeAll);
      for (const signal of Object.keys(signals)) process.off(signal, onSignal);
      removeAll();
    },
  };
}
