import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const channel = 'undici:request:create';

/** Counts what this process writes to a namespace, on its way to the wire; asking for access, calling pods and dry runs write nothing. */
export function countWrites(namespace: string): { stop(): Readonly<Record<string, number>> } {
  const counts: Record<string, number> = {};
  const listener = (message: unknown): void => {
    const { method, path } = (message as { readonly request: { readonly method: string; readonly path: string } }).request;
    const resource = new RegExp(`/namespaces/${namespace}/([a-z]+)`).exec(path)?.[1];
    if (method === 'GET' || resource === undefined || /\/proxy|reviews|[?&]dryRun=/.test(path)) return;
    counts[resource] = (counts[resource] ?? 0) + 1;
  };
  subscribe(channel, listener);
  return {
    stop: () => {
      unsubscribe(channel, listener);
      return counts;
    },
  };
}
