import type { CallOptions, KubeApi, KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';

/**
 * The same API, of which reads are as sure as writes: an answer to a read may be of a while ago, a write never is (KC LW-1). What is read by name, and what of
 * a list is at one of the `certain` paths, is asked for by a patch that changes and stores nothing; who may not patch it is told what a read says.
 */
export function asStored(api: KubeApi, certain: ReadonlySet<string>): KubeApi {
  const now = async <T extends KubeObject>(path: string, { signal }: CallOptions, otherwise: () => T | Promise<T>): Promise<T> => {
    try {
      return await api.patch<T>(path, 'merge', {}, { signal, query: { dryRun: 'All' } });
    } catch (error) {
      if (KubeError.is(error, 403)) return otherwise();
      throw error;
    }
  };
  const unlessGone = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (KubeError.is(error, 404)) return undefined;
      throw error;
    });
  return {
    ...plain(api),
    get: <T extends KubeObject>(path: string, options: CallOptions = {}) => now<T>(path, options, () => api.get<T>(path, options)),
    async list<T extends KubeObject>(path: string, options: CallOptions = {}) {
      const { items, resourceVersion } = await api.list<T>(path, options);
      const sure = items.map((item) => {
        const at = `${path}/${item.metadata.name}`;
        return certain.has(at) ? unlessGone(now<T>(at, options, () => item)) : item;
      });
      return { items: (await Promise.all(sure)).filter((item) => item !== undefined), resourceVersion };
    },
  };
}

/** All calls of an API, to replace some. */
export const plain = (api: KubeApi): KubeApi => ({
  get: (...call) => api.get(...call),
  list: (...call) => api.list(...call),
  create: (...call) => api.create(...call),
  patch: (...call) => api.patch(...call),
  replace: (...call) => api.replace(...call),
  delete: (...call) => api.delete(...call),
  raw: (...call) => api.raw(...call),
  forward: (...call) => api.forward(...call),
  socket: (...call) => api.socket(...call),
  follow: (...call) => api.follow(...call),
  close: () => api.close(),
});
