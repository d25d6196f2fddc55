import { type Finding, type Outlook, type PortContext, ShepherdError } from '@shepherd/core';
import { metadataOfOne, throughDoor } from '../binary/door.js';
import type { HelmClient } from '../binary/helm-client.js';
import { requiredConfigs } from '../candidate/config-refs.js';
import { changesOf } from '../chart/changes.js';
import { type ChartObject, deploymentIn, nameOf } from '../chart/objects.js';
import type { Entry } from './catalogue.js';

/**
 * What going back to a revision of a chart means beside its pods: helm brings back all that the chart made, and nothing that its pods read and somebody else made.
 * `now`: what the revision in force made.
 */
export async function outlookOf(
  helm: HelmClient,
  context: PortContext,
  { target, now }: { readonly target: Entry; readonly now: readonly ChartObject[] },
): Promise<Outlook> {
  const deployment = deploymentIn(target.objects, context.app.name, target.helm.chart);
  const others = (objects: readonly ChartObject[]): readonly ChartObject[] =>
    objects.filter(({ kind, metadata }) => kind !== 'Deployment' || metadata?.name !== deployment.metadata?.name);
  const made = new Set(target.objects.map(nameOf));
  const foreign = requiredConfigs(deployment).filter(({ kind, name }) => !made.has(nameOf({ kind, metadata: { name } })));
  const gone = await missingOf(helm, context, foreign);
  return {
    missing: gone,
    notes: [...changesOf(others(now), others(target.objects)), ...target.hooks.filter((hook) => /-rollback\b/.test(hook)).map((hook) => `hook ${hook} runs`)],
    findings: foreign
      .map(nameOfRef)
      .filter((object) => !gone.includes(object))
      .map(notKept),
    beyondPods: true,
  };
}

const nameOfRef = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind} ${name}`;

const notKept = (object: string): Finding => ({
  id: 'config-not-kept',
  level: 'warning',
  object,
  message: `${object} is not of the chart: pods of this revision start with what is there now`,
  fix: 'compare it by hand, or make it a part of the chart',
});

/** Those that are not there; what may not be read is taken to be there. */
async function missingOf(
  helm: HelmClient,
  context: PortContext,
  refs: readonly { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[],
): Promise<readonly string[]> {
  if (refs.length === 0) return [];
  const absent = await throughDoor(helm, context, (ask) =>
    Promise.all(
      refs.map(async (ref) => {
        const path = `/api/v1/namespaces/${context.app.namespace}/${ref.kind === 'Secret' ? 'secrets' : 'configmaps'}/${ref.name}`;
        try {
          return (await ask({ path, accept: metadataOfOne, what: `look for ${nameOfRef(ref)}`, except: [404] })) === undefined;
        } catch (error) {
          if (ShepherdError.is(error, 'ERR_FORBIDDEN')) return false;
          throw error;
        }
      }),
    ),
  );
  return refs.filter((_, index) => absent[index]).map(nameOfRef);
}
