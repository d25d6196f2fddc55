import { spawnSync } from 'node:child_process';
import { kubectl, kubectlProxy } from './kubectl.js';
import { whyNoCluster } from './why-no-cluster.js';

/** As much of an object as is read here. */
export interface KubeObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
  readonly [field: string]: any;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** A cluster to measure on: it reads through a proxy of kubectl, so that any kubeconfig will do, and removes the namespaces that it made. */
export interface Lab extends AsyncDisposable {
  read<T = KubeObject>(path: string): Promise<T>;
  /** Each change, in order, until the signal aborts; objects that exist come first, as ADDED. */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  /** A new namespace, with a name that begins so. */
  namespace(prefix: string): Promise<string>;
  /** Ends its pods at once and removes it in the background. */
  drop(namespace: string): Promise<void>;
}

async function watchFrom(url: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`watch failed [status=${response.status}, url=${url}]`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onEvent(JSON.parse(line) as WatchEvent);
  }
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
  const onSignal = (signal: NodeJS.Signals): never => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('exit', removeAll);
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return {
    read: async <T>(path: string): Promise<T> => {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`read failed [status=${response.status}, path=${path}]`);
      return (await response.json()) as T;
    },
    watch: async (path, onEvent, signal) => {
      try {
        await watchFrom(`${url}${path}${path.includes('?') ? '&' : '?'}watch=1&timeoutSeconds=3600`, onEvent, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      if (!signal.aborted) throw new Error(`the watch ended by itself [path=${path}]`);
    },
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
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      removeAll();
    },
  };
}
