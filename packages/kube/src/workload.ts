import { type App, type AppParts, ShepherdError, type TrackName } from '@shepherd/core';
import { nearNames } from './api/kubeconfig/near.js';
import type { Cluster } from './cluster.js';
import { names } from './names.js';
import { annotation, type Deployment, type Labels, paths, type Service, selects } from './objects.js';

/** The Deployments and Services of an app as they are now. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly stable: Deployment;
  readonly candidate: Deployment | undefined;
  /** Those that send users to the app, in order of name; without previews. */
  readonly services: readonly Service[];
  readonly previews: readonly Service[];
  /** A pair of colours changes roles; else stable keeps its name. */
  readonly roles: 'keep' | 'swap';
}

export const labelsOf = (deployment: Deployment): Labels => deployment.spec.template.metadata?.labels ?? {};
export const trackOf = (workload: Workload, track: TrackName): Deployment | undefined => (track === 'stable' ? workload.stable : workload.candidate);
export const candidateName = (name: string): string => `${name}-candidate`;

/** A Deployment that Shepherd made as a candidate, not one of the user that happens to have its name. */
export const isCopy = ({ metadata }: Deployment): boolean => metadata.labels?.[names.track] === 'candidate';

/** A Service's selector as its owner wrote it, whatever Shepherd made of it for a rollout. */
export function originalSelector(service: Service): Labels {
  const kept = annotation(service, names.selector);
  if (kept === undefined) return service.spec.selector ?? {};
  try {
    return JSON.parse(kept) as Labels;
  } catch {
    return service.spec.selector ?? {};
  }
}

/** Never take away what a Service still names (RR ORD-5). @throws ShepherdError ERR_CONFLICT */
export function refuseServing({ services }: Pick<Workload, 'services'>, deployment: Deployment): void {
  const service = services.find(({ spec }) => selects(spec.selector, labelsOf(deployment)));
  if (service === undefined) return;
  const object = `Deployment ${deployment.metadata.name}`;
  throw new ShepherdError('ERR_CONFLICT', `${object} is what Service ${service.metadata.name} sends requests to: it keeps its pods`, {
    facts: { object, reason: `selected by Service ${service.metadata.name}` },
    remedy: 'see who changed the selector of the Service; move the traffic first',
  });
}

/**
 * R of the app: what a rollout wrote down, else what stable wants. What was written down counts only beside a candidate, or for the rollout that wrote it: the
 * controller copies annotations to ReplicaSets, from where `kubectl rollout undo` brings them back long after the rollout.
 */
export const replicasOf = ({ stable, candidate, roles }: Workload, rolloutId?: string): number => {
  const kept = Number(annotation(stable, names.replicas) ?? Number.NaN);
  const counts = candidate !== undefined || (rolloutId !== undefined && annotation(stable, names.rolloutId) === rolloutId);
  if (counts && Number.isInteger(kept)) return kept;
  return roles === 'swap'
    ? Math.max(stable.spec.replicas ?? 1, annotation(candidate ?? stable, names.track) === undefined ? 0 : (candidate?.spec.replicas ?? 0))
    : (stable.spec.replicas ?? 1);
};

/** Pods of this Deployment get traffic only when a Service's selector is switched to them. */
export const isIsolated = ({ stable, candidate, services, roles }: Workload): boolean => {
  if (candidate === undefined) return false;
  if (roles === 'swap' || annotation(candidate, names.isolated) === 'true') return true;
  const labels = labelsOf(candidate);
  // Of a Service's selector either what stable has or what the candidate has stands now; a key in which they differ keeps them apart.
  return services.some(({ spec }) => Object.keys(spec.selector ?? {}).some((key) => labels[key] !== labelsOf(stable)[key]));
};

const colours: readonly (readonly [string, string])[] = [
  ['blue', 'green'],
  ['green', 'blue'],
];

/** The colour at the end of a name, and the other one. */
export const colourOf = (name: string): readonly [string, string] | undefined => colours.find(([colour]) => name.endsWith(`-${colour}`));

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Reads an app. @throws ShepherdError ERR_APP_NOT_FOUND, ERR_UNSUPPORTED_WORKLOAD */
export async function readWorkload(cluster: Cluster, app: Named | App, signal: AbortSignal): Promise<Workload> {
  const { namespace, name } = app;
  const settings = cluster.app(app as AppParts);
  const deploymentName = settings.workload ?? name;
  const [stable, beside, { items: all }] = await Promise.all([
    cluster.find<Deployment>(paths.deployments(namespace, deploymentName), signal),
    cluster.find<Deployment>(paths.deployments(namespace, candidateName(deploymentName)), signal),
    cluster.api.list<Service>(paths.services(namespace), { signal }),
  ]);
  const previews = all.filter(({ metadata }) => metadata.labels?.[names.preview] === name);
  const live = all.filter(({ metadata }) => metadata.labels?.[names.preview] === undefined);
  if (stable === undefined) return readPair(cluster, { namespace, name }, live, previews, signal);
  const candidate = beside !== undefined && isCopy(beside) ? beside : undefined;
  return { namespace, name, stable, candidate, services: live.filter((service) => reaches(service, stable, settings.services)), previews, roles: 'keep' };
}

/** Whether a Service sends users to the app, as long as it is no preview. `named`: those that the app's settings name. */
export const reaches = (service: Service, stable: Deployment, named: readonly string[] | undefined): boolean =>
  named === undefined
    ? selects(service.spec.selector, labelsOf(stable)) || selects(originalSelector(service), labelsOf(stable))
    : named.includes(service.metadata.name);

async function readPair(
  cluster: Cluster,
  { namespace, name }: Named,
  services: readonly Service[],
  previews: readonly Service[],
  signal: AbortSignal,
): Promise<Workload> {
  const service = services.find(({ metadata }) => metadata.name === name);
  const { items } = await cluster.api.list<Deployment>(paths.deployments(namespace), { signal });
  const served = items.find((each) => colourOf(each.metadata.name) !== undefined && selects(service?.spec.selector, labelsOf(each)));
  if (served === undefined) throw await notFound(cluster, { namespace, name }, items, signal);
  const [colour, otherColour] = colourOf(served.metadata.name) as readonly [string, string];
  const otherName = `${served.metadata.name.slice(0, -colour.length)}${otherColour}`;
  const other = items.find(({ metadata }) => metadata.name === otherName);
  // While a rollout is under way its candidate stays the candidate, also when the Service selects it already.
  const underWay = annotation(served, names.track) === 'candidate';
  const [stable, candidate] = underWay && other !== undefined ? [other, served] : [served, other];
  const both = [stable, ...(candidate === undefined ? [] : [candidate])];
  return {
    namespace,
    name,
    stable,
    candidate,
    services: services.filter(({ spec }) => both.some((each) => selects(spec.selector, labelsOf(each)))),
    previews,
    roles: 'swap',
  };
}

async function notFound(cluster: Cluster, { namespace, name }: Named, deployments: readonly Deployment[], signal: AbortSignal): Promise<ShepherdError> {
  const [statefulSet, daemonSet] = await Promise.all([
    cluster.find(paths.statefulSets(namespace, name), signal).catch(() => undefined),
    cluster.find(paths.daemonSets(namespace, name), signal).catch(() => undefined),
  ]);
  const got = statefulSet !== undefined ? 'StatefulSet' : daemonSet !== undefined ? 'DaemonSet' : undefined;
  if (got !== undefined) {
    return new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `${namespace}/${name} is a ${got}, which Shepherd cannot release yet`, {
      facts: { app: `${namespace}/${name}`, field: 'kind', got, expected: 'Deployment' },
      remedy: `name a Deployment; release the ${got} with the tool that you use today`,
    });
  }
  if (deployments.length === 0 && (await cluster.isNamespaceMissing(namespace, signal))) {
    return new ShepherdError('ERR_APP_NOT_FOUND', `the cluster has no namespace ${namespace}`, {
      facts: { app: `${namespace}/${name}`, near: [] },
      remedy: 'name the namespace and the context that hold the app',
    });
  }
  const near = nearNames(
    name,
    deployments.map(({ metadata }) => metadata.name),
  ).slice(0, 3);
  return new ShepherdError('ERR_APP_NOT_FOUND', `namespace ${namespace} has no Deployment ${name}${near.length === 0 ? '' : `; there is ${near.join(', ')}`}`, {
    facts: { app: `${namespace}/${name}`, near },
    remedy: near.length === 0 ? 'correct the name or the namespace' : `did you mean ${near[0]}?`,
  });
}
