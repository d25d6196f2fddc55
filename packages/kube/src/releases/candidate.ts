import type { WriteContext } from '@shepherd/core';
import { isOurs, names } from '../names.js';
import { annotation, type Deployment, type Labels, type PodTemplate, type Service } from '../objects.js';
import { candidateName, colourOf, labelsOf, type Workload } from '../workload.js';
import { madeAnnotations, madeLabels } from './made-labels.js';
import { identityOf } from './revision.js';
import { templateHash } from './template-hash.js';

/** Annotations by which other tools know what is theirs; a copy that had them would be pruned or adopted. */
const foreign =
  /^(kubectl\.kubernetes\.io\/last-applied-configuration|meta\.helm\.sh\/|argocd\.argoproj\.io\/|kustomize\.toolkit\.fluxcd\.io\/|helm\.toolkit\.fluxcd\.io\/)/;
const foreignLabels = /^(helm\.sh\/chart|argocd\.argoproj\.io\/|kustomize\.toolkit\.fluxcd\.io\/|app\.kubernetes\.io\/managed-by)/;

const keep = (entries: Labels | undefined, drop: RegExp): Labels =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([key]) => !drop.test(key) && !isOurs(key)));

/** At most 63 characters, as label values must be. */
const candidateValue = (value: string): string => `${value.slice(0, 63 - '-candidate'.length)}-candidate`;

/**
 * The one key of each Service's selector that isolates the candidate: one that all have in common where there is one, our own track label where the app was
 * adopted.
 */
export function isolatingKeys(services: readonly Service[]): readonly string[] {
  const keys = services.map(({ spec }) => Object.keys(spec.selector ?? {}));
  const common = (keys[0] ?? []).filter((key) => keys.every((each) => each.includes(key)));
  const best = (from: readonly string[]): string | undefined =>
    from.find((key) => key === names.track) ?? from.find((key) => !foreignLabels.test(key)) ?? from[0];
  const one = best(common);
  return one === undefined ? [...new Set(keys.map(best).filter((key) => key !== undefined))] : [one];
}

/** What the user said of the app holds for either colour. */
const drains = (stable: Deployment): Labels => {
  const said = annotation(stable, names.drains);
  return said === undefined ? {} : { [names.drains]: said };
};

const copiedSpec = ({ spec }: Deployment): object => ({
  strategy: spec.strategy,
  ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
  ...(spec.progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds: spec.progressDeadlineSeconds }),
  revisionHistoryLimit: 2,
});

interface CandidateInput {
  readonly workload: Workload;
  readonly template: PodTemplate;
  readonly replicas: number;
  readonly isolated: boolean;
  readonly hash: string;
  readonly context: Pick<WriteContext, 'rolloutId' | 'fence' | 'note'>;
}

/** The candidate beside stable: stable's template with the release, its own labels, nothing that other tools take for theirs (DESIGN 5). Pure. */
export function candidateManifest({ workload, template, replicas, isolated, hash, context }: CandidateInput): object {
  const { stable, namespace, name, services } = workload;
  const changed = isolated ? Object.fromEntries(isolatingKeys(services).map((key) => [key, candidateValue(labelsOf(stable)[key] ?? name)])) : {};
  const own = { ...changed, [names.track]: 'candidate' };
  const labels = { ...template.metadata?.labels, ...own };
  const made: PodTemplate = { ...template, metadata: { labels, annotations: keep(template.metadata?.annotations, foreign) } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: candidateName(stable.metadata.name),
      namespace,
      labels: { ...madeLabels(name, 'candidate', template), ...keep(stable.metadata.labels, foreignLabels), ...own },
      annotations: {
        [names.app]: name,
        [names.hash]: hash,
        [names.made]: templateHash(made, identityOf(workload)),
        [names.desired]: String(replicas),
        [names.services]: services.map(({ metadata }) => metadata.name).join(','),
        ...(isolated ? { [names.isolated]: 'true' } : {}),
        ...madeAnnotations(context, 'candidate'),
      },
    },
    spec: {
      ...copiedSpec(stable),
      replicas,
      selector: { matchLabels: { ...stable.spec.selector.matchLabels, ...own } },
      template: made,
    },
  };
}

/** The other colour: the active one's template with the release, every label that names the colour changed. Pure. */
export function otherColour({ workload, template, replicas, hash, context }: Omit<CandidateInput, 'isolated'>): object {
  const { stable, namespace, name } = workload;
  const [colour, other] = colourOf(stable.metadata.name) as readonly [string, string];
  const turn = (labels: Labels | undefined): Labels =>
    Object.fromEntries(Object.entries(labels ?? {}).map(([key, value]) => [key, value.replaceAll(colour, other)]));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `${stable.metadata.name.slice(0, -colour.length)}${other}`,
      namespace,
      labels: turn(keep(stable.metadata.labels, foreignLabels)),
      annotations: {
        ...drains(stable),
        [names.app]: name,
        [names.hash]: hash,
        [names.track]: 'candidate',
        [names.desired]: String(replicas),
        ...madeAnnotations(context, 'candidate'),
      },
    },
    spec: {
      ...copiedSpec(stable),
      revisionHistoryLimit: stable.spec.revisionHistoryLimit ?? 10,
      replicas,
      selector: { matchLabels: turn(stable.spec.selector.matchLabels) },
      template: { ...template, metadata: { labels: turn(template.metadata?.labels), annotations: keep(template.metadata?.annotations, foreign) } },
    },
  };
}

/** A Service that reaches the candidate alone, for people and smoke tests. Pure. */
export function previewManifest(service: Service, selector: Labels, app: string, context: Pick<WriteContext, 'rolloutId' | 'fence' | 'note'>): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `${service.metadata.name.slice(0, 63 - '-preview'.length)}-preview`,
      namespace: service.metadata.namespace,
      labels: { ...madeLabels(app, 'preview'), [names.preview]: app },
      annotations: madeAnnotations(context, 'preview'),
    },
    spec: {
      type: 'ClusterIP',
      selector,
      ports: (service.spec.ports ?? []).map(({ name, port, targetPort }) => ({ ...(name === undefined ? {} : { name }), port, targetPort })),
    },
  };
}

/** The candidate's template as stable's: what told the two apart is stable's again. Pure. */
export function promotedTemplate({ stable, candidate }: Workload): PodTemplate {
  const { template, selector } = (candidate ?? stable).spec;
  const own = labelsOf(stable);
  const labels = Object.fromEntries(
    Object.entries(template.metadata?.labels ?? {}).flatMap(([key, value]) => {
      if (selector.matchLabels?.[key] === undefined) return [[key, value]];
      return own[key] === undefined ? [] : [[key, own[key]]];
    }),
  );
  return { ...template, metadata: { ...template.metadata, labels } };
}
