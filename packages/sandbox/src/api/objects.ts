import type { PlainAnswer } from '@shepherd/core';
import type { Wire } from './json.js';

/** A Kubernetes object as JSON. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    generation?: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
    finalizers?: string[];
  };
  [field: string]: Wire;
}

/** What a client sends to create an object: the server adds the rest. */
export interface NewObject {
  metadata: Partial<KubeObject['metadata']> & { generateName?: string };
  [field: string]: Wire;
}

/** `added` also for each object that exists when the watch starts. Called in the order of the writes, synchronously after each. */
export type Watcher = (change: { readonly type: 'added' | 'modified' | 'deleted'; readonly object: KubeObject; readonly previous?: KubeObject }) => void;

/**
 * What controllers see of the API server: its objects, as an admin, in memory and synchronous. Each answer is a frozen or cloned value: change a copy
 * (`structuredClone`) and write it. `resource` is the plural with its group: `deployments.apps`, `pods`, `endpointslices.discovery.k8s.io`.
 */
export interface Objects {
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(resource: string, namespace?: string): readonly KubeObject[];
  /** With the server's defaulting and validation. @throws StatusError */
  create(resource: string, object: NewObject): KubeObject;
  /** Spec and metadata; bumps `generation` where the spec changed. A `metadata.resourceVersion` in it is a precondition. @throws StatusError */
  update(resource: string, object: KubeObject): KubeObject;
  /**
   * Status alone, and annotations where `object` is the stored version: as on the real server, where annotations of a Deployment written through `update`
   * count a generation and through status do not. An unchanged status is no write.
   */
  updateStatus(resource: string, object: KubeObject): KubeObject;
  /** With finalizers, grace (pods: sets deletionTimestamp; `grace: 0` removes) and background propagation by the garbage collector. A missing one is no error. */
  delete(resource: string, namespace: string | undefined, name: string, options?: { grace?: number }): void;
  watch(resource: string, watcher: Watcher): () => void;
  /** Every kind that is stored, and each that is added later. */
  eachKind(seen: (kind: StoredKind) => void): () => void;
}

/** A kind and the resource that serves it. */
export interface StoredKind {
  /** `deployments.apps` */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** A request that goes on to a pod. */
export interface PodRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** What the API server asks of the node, for the subresources of pods and services. */
export interface NodePort {
  /** `/api/v1/namespaces/{ns}/pods/{name}:{port}/proxy/{path}`; rejects with `StatusError` 503 where nothing answers. */
  proxyPod(pod: KubeObject, port: string | undefined, request: PodRequest): Promise<PlainAnswer>;
  proxyService(service: KubeObject, port: string | undefined, request: PodRequest): Promise<PlainAnswer>;
  log(pod: KubeObject, options: LogOptions): LogStream;
}

/** Which lines of a container's log, and how they are told. */
export interface LogOptions {
  readonly container?: string | undefined;
  /** Of the run before this one. */
  readonly previous?: boolean | undefined;
  readonly tailLines?: number | undefined;
  readonly limitBytes?: number | undefined;
  /** Each line begins with its time. */
  readonly timestamps?: boolean | undefined;
  /** Lines from then on. */
  readonly since?: Date | undefined;
}

export interface LogStream {
  /** What there is now. */
  readonly text: string;
  /** Tells what is printed later, until the container ends. @returns stops it */
  follow(onText: (text: string) => void, onEnd: () => void): () => void;
}
