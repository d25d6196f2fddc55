import type { PortContext, WriteContext } from '@shepherd/core';
import { type Ask, metadataOnly, throughDoor } from '../binary/door.js';
import type { HelmClient } from '../binary/helm-client.js';

const rolloutAnnotation = 'shepherd.dev/rollout-id';
const fenceAnnotation = 'shepherd.dev/fence';
const secrets = ({ app }: PortContext): string => `/api/v1/namespaces/${app.namespace}/secrets`;

/** Who had helm write a revision: a rollout, under its lock. */
export interface Owner {
  readonly rolloutId: string;
  readonly fence: number;
}

/** Helm's record of one revision: who wrote it, and which object it is. */
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

interface SecretList {
  readonly items: readonly Secret[] | null;
}

/** The names of helm's releases in the app's namespace, without asking helm: an app that none of them made needs none. */
export function releaseNames(helm: HelmClient, context: PortContext): Promise<ReadonlySet<string>> {
  return throughDoor(helm, context, async (ask) => {
    // Who may not read Secrets runs no helm, and releases what is no chart.
    const path = `${secrets(context)}?labelSelector=owner%3Dhelm`;
    const list = await ask<SecretList>({ path, accept: metadataOnly, what: "read helm's records", except: [403] });
    return new Set((list?.items ?? []).flatMap(({ metadata }) => metadata.labels?.['name'] ?? []));
  });
}

/** Helm's records of a release by revision. */
export async function recordsOf(ask: Ask, context: PortContext, release: string): Promise<ReadonlyMap<number, ReleaseRecord>> {
  const query = new URLSearchParams({ labelSelector: `owner=helm,name=${release}` });
  const list = await ask<SecretList>({ path: `${secrets(context)}?${query}`, accept: metadataOnly, what: `read helm's records of ${release}` });
  return new Map((list?.items ?? []).map(({ metadata }) => recordOf(metadata)).map((record) => [record.revision, record]));
}

function recordOf({ name, uid, resourceVersion, labels, annotations }: Secret['metadata']): ReleaseRecord {
  const rolloutId = annotations?.[rolloutAnnotation];
  const owner = rolloutId === undefined ? undefined : { rolloutId, fence: Number(annotations?.[fenceAnnotation] ?? 0) };
  return { name, revision: Number(labels?.['version'] ?? 0), owner, uid, resourceVersion };
}

/** Forgets a revision that helm did not finish, as it was read: then the next upgrade begins where that one began. A missing one is a success. */
export function forget(helm: HelmClient, context: WriteContext, { name, uid, resourceVersion }: ReleaseRecord): Promise<void> {
  return throughDoor(helm, context, async (ask) => {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } };
    await ask({ method: 'DELETE', path: `${secrets(context)}/${name}`, body, what: `forget the unfinished ${name}`, except: [404] });
  });
}
