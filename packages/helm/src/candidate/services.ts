import type { PortContext } from '@shepherd/core';
import { throughDoor } from '../binary/door.js';
import type { HelmClient } from '../binary/helm-client.js';

const releaseAnnotation = 'meta.helm.sh/release-name';

interface Service {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly selector?: Readonly<Record<string, string>> };
}

/** Services that send to pods with these labels and belong to another release of helm, as `Service web of release shop`. */
export function servicesOfOthers(
  helm: HelmClient,
  context: PortContext,
  release: string,
  labels: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  return throughDoor(helm, context, async (ask) => {
    const list = await ask<{ readonly items: readonly Service[] | null }>({
      path: `/api/v1/namespaces/${context.app.namespace}/services`,
      what: 'read the Services',
    });
    return (list?.items ?? []).flatMap(({ metadata, spec: { selector } }) => {
      const owner = metadata.annotations?.[releaseAnnotation];
      const reaches = selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
      return reaches && owner !== undefined && owner !== release ? [`Service ${metadata.name} of release ${owner}`] : [];
    });
  });
}
