import type { OpenSocket } from './transport.js';

/** A Kubernetes object as raw JSON: typed models would drop the fields that they do not know (KC 1). */
export interface KubeObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly generation?: number | undefined;
    readonly creationTimestamp?: string | undefined;
    readonly deletionTimestamp?: string | undefined;
    readonly finalizers?: readonly string[] | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?:
      | readonly { readonly kind: string; readonly name: string; readonly uid: string; readonly controller?: boolean | undefined }[]
      | undefined;
  };
}

export type PatchType = 'apply' | 'merge' | 'strategic' | 'json';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Whole call, in ms. @default 30000 for reads, 60000 for writes (KC REQ-2) */
  readonly timeoutMs?: number | undefined;
}

export interface SocketOptions {
  /** A name may stand there several times. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The best first; the server chooses. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
}

export interface ForwardRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
}

export interface ForwardAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * All that @shepherd/kube needs of a cluster: JSON in, JSON out. Paths are those of the API (`/apis/apps/v1/namespaces/shop/deployments/web`). What fails
 * is thrown as `KubeError` after the retries of KC 2; who calls turns it into a ShepherdError where it leaves the adapter.
 */
export interface KubeApi {
  /** Consistent read (no resourceVersion). */
  get<T extends KubeObject>(path: string, options?: CallOptions): Promise<T>;
  /** All pages. */
  list<T extends KubeObject>(path: string, options?: CallOptions): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }>;
  create<T extends KubeObject>(path: string, body: object, options?: CallOptions): Promise<T>;
  /** Sends `fieldManager=shepherd`. A `metadata.resourceVersion` in the body is a precondition. */
  patch<T extends KubeObject>(path: string, type: PatchType, body: object, options?: CallOptions): Promise<T>;
  /** PUT: for Lease and ConfigMap, whose every field is ours. */
  replace<T extends KubeObject>(path: string, body: object, options?: CallOptions): Promise<T>;
  /** A missing object is a success. */
  delete(
    path: string,
    options?: CallOptions & {
      readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
      readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
    },
  ): Promise<void>;
  /** One request as it is, without retry: pod proxy, logs, version. Does not throw for an HTTP status. */
  raw(
    method: string,
    path: string,
    options?: CallOptions & { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string }>;
  /**
   * Somebody else's request as it is, with our credential: no retry, no deadline, any status; the body comes as the server sends it, a watch for as long as the
   * signal lets it. `path` holds the query.
   */
  forward(request: ForwardRequest): Promise<ForwardAnswer>;
  /**
   * The objects now, and the whole list again after each change (changes that come together are one). One list+watch a path and query is shared by all
   * who follow it, with the rules of KC 3. Ends quietly when the signal aborts; throws `KubeError` only for what no retry mends (401, 403, 404).
   */
  follow<T extends KubeObject>(
    path: string,
    options: { readonly query?: Readonly<Record<string, string>> | undefined; readonly signal: AbortSignal },
  ): AsyncIterable<readonly T[]>;
  /**
   * An open WebSocket, never tried again: what it does may have been done. It lasts until one side closes it or the signal aborts. @throws KubeError where the server
   * refuses it, cannot be reached, or is one in this process
   */
  socket(path: string, options: SocketOptions): Promise<OpenSocket>;
  close(): Promise<void>;
}
