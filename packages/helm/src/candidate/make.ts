import { createHash } from 'node:crypto';
import { type ChartObject, canonical, nameOf } from '../chart/objects.js';
import { configsOf, withConfigNames } from './config-refs.js';

/** The candidate of a chart: its Deployment, and what of its ConfigMaps and Secrets the cluster does not hold yet. */
export interface ChartCandidate {
  /** As the chart renders it, but for the names of `configs`. */
  readonly deployment: ChartObject;
  /** Under names that say what is in them, so that stable goes on with its own. Hold Secret data: never log them. */
  readonly configs: readonly ChartObject[];
}

/** Labels and annotations by which helm and others know what is theirs. */
const foreign = /^(helm\.sh\/|meta\.helm\.sh\/|app\.kubernetes\.io\/managed-by$|argocd\.argoproj\.io\/|kustomize\.toolkit\.fluxcd\.io\/)/;
const rolloutAnnotation = 'shepherd.dev/rollout-id';
const longestName = 253;

/** What tells the copies of a rollout. */
export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly rolloutId: string;
}

const kept = (entries: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([key]) => !foreign.test(key)));

/** What is in it, whatever else its chart says of it. */
const contentOf = ({ kind, data, stringData, binaryData, type }: ChartObject): string =>
  JSON.stringify(canonical({ kind, data, stringData, binaryData, type }));

/** A ConfigMap or Secret under a name by its content, which never changes. No other rollout has it, so that it can go with the candidate of this one. */
function copyOf(object: ChartObject, { labels, rolloutId }: Marks): ChartObject {
  const { metadata } = object as { readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> } };
  const hash = createHash('sha256')
    .update(`${rolloutId} ${contentOf(object)}`)
    .digest('hex')
    .slice(0, 10);
  const name = `${(metadata?.name ?? '').slice(0, longestName - 1 - hash.length)}-${hash}`;
  const { kind, data, stringData, binaryData, type } = object;
  const content = Object.fromEntries(Object.entries({ data, stringData, binaryData, type }).filter(([, value]) => value !== undefined && value !== null));
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, labels: { ...kept(metadata?.labels), ...labels }, annotations: { [rolloutAnnotation]: rolloutId } },
    ...content,
    immutable: true,
  } as ChartObject;
}

export interface CandidateInput {
  /** What the release in force made. */
  readonly before: readonly ChartObject[];
  /** What the chart makes now. */
  readonly after: readonly ChartObject[];
  /** The app, of `after`. */
  readonly deployment: ChartObject;
  readonly namespace: string;
}

/** ConfigMaps and Secrets that a chart changes or adds, of those that the pods of the app read. Pure. */
export function changedConfigs({ before, after, deployment, namespace }: CandidateInput): readonly ChartObject[] {
  const read = configsOf(deployment);
  const old = new Map(before.map((each) => [nameOf(each), contentOf(each)]));
  return after.filter(
    (each) =>
      (each.kind === 'ConfigMap' || each.kind === 'Secret') &&
      (each.metadata?.namespace ?? namespace) === namespace &&
      read.has(nameOf(each)) &&
      old.get(nameOf(each)) !== contentOf(each),
  );
}

/**
 * What runs beside stable before `helm upgrade`: the Deployment that the chart renders, with the changed ConfigMaps and Secrets under names of their own.
 * Pure.
 */
export function candidateOf(input: CandidateInput, marks: Marks): ChartCandidate {
  const copies = new Map(changedConfigs(input).map((each) => [nameOf(each), copyOf(each, marks)]));
  const rename = (kind: string, name: string): string => copies.get(nameOf({ kind, metadata: { name } }))?.metadata?.name ?? name;
  return { deployment: withConfigNames(input.deployment, rename), configs: [...copies.values()] };
}
