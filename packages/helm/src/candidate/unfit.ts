import { type ChartObject, canonical, nameOf } from '../chart/objects.js';
import { type CandidateInput, changedConfigs } from './make.js';

export interface UnfitInput extends CandidateInput {
  /** `Job migrate (pre-upgrade)`. */
  readonly hooks: readonly string[];
  /** The release changes the pod template. */
  readonly podsChange: boolean;
}

type Labels = Readonly<Record<string, string>>;
interface Pods {
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
  readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[];
}
interface DeploymentSpec {
  readonly selector?: { readonly matchLabels?: Labels };
  readonly template?: { readonly metadata?: { readonly labels?: Labels }; readonly spec?: Pods };
}

const specOf = (deployment: ChartObject | undefined): DeploymentSpec => (deployment?.['spec'] ?? {}) as DeploymentSpec;
const selectorOf = (service: ChartObject): Labels | undefined => (service['spec'] as { readonly selector?: Labels } | undefined)?.selector;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
const text = (labels: Labels | undefined): string => JSON.stringify(labels ?? {});

/** What the pods name, beside ConfigMaps and Secrets, that must be there before them. */
function neededBy({ template }: DeploymentSpec): readonly string[] {
  const { serviceAccountName, priorityClassName, runtimeClassName, volumes = [] } = template?.spec ?? {};
  const named = [
    ['ServiceAccount', serviceAccountName],
    ['PriorityClass', priorityClassName],
    ['RuntimeClass', runtimeClassName],
    ...volumes.map(({ persistentVolumeClaim }) => ['PersistentVolumeClaim', persistentVolumeClaim?.claimName] as const),
  ] as const;
  return named.flatMap(([kind, name]) => (name === undefined ? [] : [`${kind} ${name}`]));
}

/**
 * Why no candidate of this chart can run beside stable: what a rolling update can do, and two versions side by side cannot. Each as a sentence about the chart.
 * Pure.
 */
export function unfitFor(input: UnfitInput): readonly string[] {
  const { before, after, deployment, hooks, podsChange } = input;
  const old = new Map(before.map((each) => [nameOf(each), each]));
  const mine = old.get(nameOf(deployment));
  const [was, now] = [specOf(mine), specOf(deployment)];
  const labels = was.template?.metadata?.labels ?? {};
  const services = before.filter(
    (each) =>
      each.kind === 'Service' && selectorOf(each) !== undefined && Object.entries(selectorOf(each) ?? {}).every(([key, value]) => labels[key] === value),
  );
  const next = new Map(after.map((each) => [nameOf(each), each]));
  const config = podsChange ? [] : changedConfigs(input);
  return [
    ...hooks
      .filter((hook) => /pre-upgrade/.test(hook))
      .map((hook) => `its hook ${hook} runs with helm upgrade, which comes after the candidate has had traffic: the new version would serve before it`),
    ...(mine !== undefined && !same(was.selector, now.selector)
      ? [`it changes the selector of ${nameOf(deployment)} from ${text(was.selector?.matchLabels)} to ${text(now.selector?.matchLabels)}, which no upgrade can`]
      : []),
    ...services.flatMap((service) => {
      const after = next.get(nameOf(service));
      if (after === undefined) return [`it deletes ${nameOf(service)}, which sends requests to the app`];
      if (same(selectorOf(service), selectorOf(after))) return [];
      return [`it changes the selector of ${nameOf(service)}, which this rollout would move itself`];
    }),
    ...neededBy(now)
      .filter((name) => next.has(name) && !old.has(name))
      .map((name) => `its pods need ${name}, which helm upgrade makes only after the candidate`),
    ...after
      .filter((each) => isAutoscalerOf(each, deployment))
      .map((each) => `${nameOf(each)} is its own: helm upgrade would set its bounds back while they are held`),
    ...config.map(
      (each) => `${nameOf(each)} changes and the pods do not: stable would keep pods that have read the old one (a checksum annotation replaces them)`,
    ),
  ];
}

function isAutoscalerOf(each: ChartObject, deployment: ChartObject): boolean {
  if (each.kind !== 'HorizontalPodAutoscaler' && each.kind !== 'ScaledObject') return false;
  const { scaleTargetRef } = (each['spec'] ?? {}) as { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } };
  return scaleTargetRef?.name === deployment.metadata?.name && (scaleTargetRef?.kind ?? 'Deployment') === 'Deployment';
}
