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
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
  readonly [field: string]: any;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** Reads an API over plain HTTP. */
export interface ApiReader {
  /** `http://127.0.0.1:PORT`, with the rights of whoever opened it. */
  readonly url: string;
  read<T = KubeObject>(path: string): Promise<T>;
  /** Each change, in order, until the signal aborts; objects that exist come first, as ADDED. */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
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

export const apiReader = (url: string): ApiReader => ({
  url,
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
});
