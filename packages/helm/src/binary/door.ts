import { type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import type { HelmClient } from './helm-client.js';

/** One request of our own, below the address of the API server. */
export interface DoorRequest {
  readonly path: string;
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | undefined;
  /** JSON; of a PATCH a merge patch. */
  readonly body?: object | undefined;
  readonly accept?: string | undefined;
  /** For people, where it fails: `read helm's records`. */
  readonly what: string;
  /** Answers that are no failure. @default none */
  readonly except?: readonly number[] | undefined;
}

/** Asks the cluster; undefined for an answer that is excepted. @throws ShepherdError ERR_UNREACHABLE, ERR_FORBIDDEN, ERR_CONFLICT */
export type Ask = <T = unknown>(request: DoorRequest) => Promise<T | undefined>;

export const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
export const metadataOfOne = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** The door of a child takes requests of ours too: what they write is fenced as a child's writes are. */
export function throughDoor<T>(helm: HelmClient, context: PortContext | WriteContext, work: (ask: Ask) => Promise<T>): Promise<T> {
  return helm.withCluster(context, ({ HELM_KUBEAPISERVER: server = '' }) => work((request) => ask(server, context.signal, request)));
}

async function ask<T>(server: string, signal: AbortSignal, { path, method = 'GET', body, accept, what, except = [] }: DoorRequest): Promise<T | undefined> {
  const headers = {
    ...(accept === undefined ? {} : { accept }),
    ...(body === undefined ? {} : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
  };
  const init = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${server}${path}`, init).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new ShepherdError('ERR_UNREACHABLE', `${what}: no answer`, {
      facts: { what, reason: String(error) },
      remedy: 'see that the API server answers',
      retryable: true,
      cause: error,
    });
  });
  if (response.ok) return (await response.json()) as T;
  const { status } = response;
  if (except.includes(status)) {
    await response.body?.cancel();
    return undefined;
  }
  const said = await response.text();
  if (status === 403 && said.includes('later holder of the lock'))
    throw new ShepherdError('ERR_LOCK_LOST', `${what}: another process holds the lock`, {
      facts: { rolloutId: '', holder: 'unknown' },
      remedy: 'another process drives the app now; this one stopped',
    });
  if (status === 403) {
    const resource = /^\/api[^?]*\/namespaces\/[^/]+\/([^/?]+)/.exec(path)?.[1] ?? path;
    const verb = { GET: 'list', POST: 'create', PATCH: 'patch', DELETE: 'delete' }[method];
    throw new ShepherdError('ERR_FORBIDDEN', `${what}: forbidden`, { facts: { missing: [{ verb, resource }] }, remedy: `allow ${verb} on ${resource}` });
  }
  throw new ShepherdError('ERR_CONFLICT', `${what}: ${status}`, {
    facts: { object: what, reason: `status ${status}` },
    remedy: 'see who writes it, then try again',
    retryable: status >= 500,
  });
}
