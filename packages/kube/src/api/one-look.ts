import { plain } from './as-stored.js';
import type { CallOptions, KubeApi } from './kube-api.js';

/** The same API, of which each read is asked for once: whoever reads it again gets that answer. A read that failed is asked for anew. */
export function ofOneLook(api: KubeApi): KubeApi {
  const asked = new Map<string, { readonly signal: AbortSignal | undefined; readonly answer: Promise<unknown> }>();
  const once = <T>(kind: string, path: string, { query, signal }: CallOptions, read: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify([kind, path, query]);
    const known = asked.get(key);
    // One that another signal may end is nobody else's.
    if (known !== undefined && known.signal === signal) return known.answer as Promise<T>;
    const answer = read();
    const entry = { signal, answer };
    asked.set(key, entry);
    answer.catch(() => asked.get(key) === entry && asked.delete(key));
    return answer;
  };
  return {
    ...plain(api),
    get: (path, options = {}) => once('get', path, options, () => api.get(path, options)),
    list: (path, options = {}) => once('list', path, options, () => api.list(path, options)),
  };
}
