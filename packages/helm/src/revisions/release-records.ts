import { readFile } from 'node:fs/promises';
import { type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import type { HelmClient } from '../binary/helm-client.js';

const rolloutAnnotation = 'shepherd.dev/rollout-id';
const fenceAnnotation = 'shepherd.dev/fence';
const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** Who had helm write a revision: a rollout, under its lock. */
export interface Owner {
  readonly rolloutId: string;
  readonly fence: number;
}

/** Helm's record of one revision: who wrote it, and which object it is. Never what is in it (ECOSYSTEM 8). */
export interface ReleaseRecord {
  readonly name: string;
  readonly revision: number;
  readonly owner: Owner | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
}

interface Secret {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The address that the child's kubeconfig names: it is our own door, and takes requests of ours too. */
async function serverOf(env: Readonly<Record<string, string>>): Promise<string> {
  const { clusters } = JSON.parse(await readFile(env['KUBECONFIG'] ?? '', 'utf8')) as {
    readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  };
  return clusters[0]?.cluster.server ?? '';
}

async function ask(url: string, init: RequestInit, what: string): Promise<Response> {
  const response = await fetch(url, init).catch((error: unknown) => {
    init.signal?.throwIfAborted();
    throw new ShepherdError('ERR_UNREACHABLE', `${what}: no answer`, {
      facts: { what, reason: String(error) },
      remedy: 'see that the API server answers',
      retryable: true,
      cause: error,
    });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const missing = response.status === 403 ? [{ verb: init.method === 'DELETE' ? 'delete' : 'list', resource: 'secrets' }] : [];
  if (response.status === 403)
    throw new ShepherdError('ERR_FORBIDDEN', `${what}: forbidden`, { facts: { missing }, remedy: 'helm needs its Secrets: allow list and delete on secrets' });
  throw new ShepherdError('ERR_CONFLICT', `${what}: ${response.status}`, {
    facts: { object: what, reason: `status ${response.status}` },
    remedy: 'see who writes it, then try again',
    retryable: response.status >= 500,
  });
}

/** The names of helm's releases in the app's namespace, without asking helm: an app that none of them made needs none. */
export function releaseNames(helm: HelmClient, context: PortContext): Promise<ReadonlySet<string>> {
  return helm.withCluster(context, async (env) => {
    const url = `${await serverOf(env)}/api/v1/namespaces/${context.app.namespace}/secrets?labelSelector=owner%3Dhelm`;
    try {
      const answer = await ask(url, { headers: { accept: metadataOnly }, signal: context.signal }, "read helm's records");
      const { items } = (await answer.json()) as { readonly items: readonly Secret[] | null };
      return new Set((items ?? []).flatMap(({ metadata }) => metadata.labels?.['name'] ?? []));
    } catch (error) {
      // Who may not read Secrets runs no helm, and releases what is no chart.
      if (ShepherdError.is(error, 'ERR_FORBIDDEN')) return new Set();
      throw error;
    }
  });
}

/** Helm's records of a release by revision. */
export function recordsOf(helm: HelmClient, context: PortContext, release: string): Promise<ReadonlyMap<number, ReleaseRecord>> {
  return helm.withCluster(context, async (env) => {
    const query = new URLSearchParams({ labelSelector: `owner=helm,name=${release}` });
    const url = `${await serverOf(env)}/api/v1/namespaces/${context.app.namespace}/secrets?${query}`;
    const answer = await ask(url, { headers: { accept: metadataOnly }, signal: context.signal }, `read helm's records of ${release}`);
    const { items } = (await answer.json()) as { readonly items: readonly Secret[] | null };
    return new Map((items ?? []).map(({ metadata }) => recordOf(metadata)).map((record) => [record.revision, record]));
  });
}

function recordOf({ name, uid, resourceVersion, labels, annotations }: Secret['metadata']): ReleaseRecord {
  const rolloutId = annotations?.[rolloutAnnotation];
  const owner = rolloutId === undefined ? undefined : { rolloutId, fence: Number(annotations?.[fenceAnnotation] ?? 0) };
  return { name, revision: Number(labels?.['version'] ?? 0), owner, uid, resourceVersion };
}

/** Forgets a revision that helm did not finish, as it was read: then the next upgrade begins where that one began. A missing one is a success. */
export function forget(helm: HelmClient, context: WriteContext, { name, uid, resourceVersion }: ReleaseRecord): Promise<void> {
  return helm.withCluster(context, async (env) => {
    const url = `${await serverOf(env)}/api/v1/namespaces/${context.app.namespace}/secrets/${name}`;
    const body = JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } });
    const answer = await ask(
      url,
      { method: 'DELETE', headers: { 'content-type': 'application/json' }, body, signal: context.signal },
      `forget the unfinished ${name}`,
    );
    await answer.body?.cancel();
  });
}
