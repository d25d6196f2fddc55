import type { PortContext, WriteContext } from '@shepherd/core';
import { type Ask, metadataOnly, throughDoor } from '../binary/door.js';
import type { HelmClient } from '../binary/helm-client.js';
import type { ChartObject } from '../chart/objects.js';

const trackLabel = 'shepherd.dev/track';
const copyLabel = 'shepherd.dev/copy-of';
const appAnnotation = 'shepherd.dev/app';
const longestLabel = 63;

/** Of ConfigMaps and Secrets that a candidate of this app reads. */
export const copyLabels = ({ app }: PortContext): Readonly<Record<string, string>> => ({
  [trackLabel]: 'candidate',
  [copyLabel]: app.name.slice(0, longestLabel),
});

interface Meta {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
}
interface List {
  readonly items: readonly Meta[] | null;
}

const resources = ['configmaps', 'secrets'] as const;
const pathOf = ({ app }: PortContext, resource: string): string => `/api/v1/namespaces/${app.namespace}/${resource}`;
const resourceOf = ({ kind }: ChartObject): string => (kind === 'Secret' ? 'secrets' : 'configmaps');

/** Creates them; what is there already has the same content, since its name says it. */
export async function createCopies(helm: HelmClient, context: WriteContext, copies: readonly ChartObject[]): Promise<void> {
  if (copies.length === 0) return;
  await throughDoor(helm, context, async (ask) => {
    for (const body of copies) {
      const path = pathOf(context, resourceOf(body));
      await ask({ method: 'POST', path, body, what: `create ${body.kind} ${body.metadata?.name} for the candidate`, except: [409] });
    }
  });
}

/** They go with the candidate, whoever takes it away: it owns them. */
export async function giveCopies(helm: HelmClient, context: WriteContext, copies: readonly ChartObject[]): Promise<void> {
  if (copies.length === 0) return;
  await throughDoor(helm, context, async (ask) => {
    const candidate = await candidateOf(ask, context);
    if (candidate === undefined) return;
    const { name, uid } = candidate.metadata;
    const body = { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid }] } };
    for (const copy of copies) {
      const path = `${pathOf(context, resourceOf(copy))}/${copy.metadata?.name}`;
      await ask({ method: 'PATCH', path, body, what: `give ${copy.kind} ${copy.metadata?.name} to the candidate` });
    }
  });
}

async function candidateOf(ask: Ask, { app }: PortContext): Promise<Meta | undefined> {
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments?labelSelector=${encodeURIComponent(`${trackLabel}=candidate`)}`;
  const list = await ask<List>({ path, accept: metadataOnly, what: 'read the candidate' });
  return list?.items?.find(({ metadata }) => metadata.annotations?.[appAnnotation] === app.name && metadata.deletionTimestamp === undefined);
}

/** Takes them away. Who may not list Secrets has made none, and who may not delete leaves them to the cluster: they belong to the candidate. */
export function removeCopies(helm: HelmClient, context: WriteContext): Promise<void> {
  const selector = Object.entries(copyLabels(context))
    .map(([key, value]) => `${key}=${value}`)
    .join();
  return throughDoor(helm, context, async (ask) => {
    for (const resource of resources) {
      const path = pathOf(context, resource);
      const found = await ask<List>({
        path: `${path}?labelSelector=${encodeURIComponent(selector)}`,
        accept: metadataOnly,
        what: `read the ${resource} of the candidate`,
        except: [403],
      });
      for (const { metadata } of found?.items ?? []) {
        const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: metadata.uid } };
        await ask({ method: 'DELETE', path: `${path}/${metadata.name}`, body, what: `delete ${metadata.name} of the candidate`, except: [403, 404] });
      }
    }
  });
}
