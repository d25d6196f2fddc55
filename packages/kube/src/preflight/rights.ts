import type { PlanNeeds } from '@shepherd/core';
import { jobUse } from '../jobs/job.js';

/** Verbs on one kind of object, in the app's namespace. */
export interface Right {
  /** Empty for the core group. */
  readonly group: string;
  /** Plural, with its subresource: `pods/proxy`. */
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** A right that can be done without, and what is missing then. */
export interface Wish extends Right {
  readonly without: string;
}

const right = (group: string, resource: string, ...verbs: readonly string[]): Right => ({ group, resource, verbs });

/** What every rollout of an app takes: the Deployment and its history, its pods, its Services and their endpoints, journal and lock. */
export const common: readonly Right[] = [
  right('apps', 'deployments', 'get', 'list', 'watch', 'patch'),
  right('apps', 'replicasets', 'get', 'list', 'watch', 'patch'),
  right('', 'pods', 'list', 'watch'),
  right('', 'services', 'get', 'list', 'watch', 'patch'),
  right('', 'configmaps', 'get', 'create', 'update', 'patch'),
  right('discovery.k8s.io', 'endpointslices', 'list', 'watch'),
  right('coordination.k8s.io', 'leases', 'get', 'create', 'update'),
];

/** Checks ask pods and Services through the API server. */
const checks: readonly Right[] = [right('', 'pods/proxy', 'get'), right('', 'services/proxy', 'get')];
/** A candidate beside stable. */
const candidate: readonly Right[] = [right('apps', 'deployments', 'create', 'delete')];
/** Previews, by which the candidate is reached before it has traffic. */
const previews: readonly Right[] = [right('', 'services', 'create', 'delete')];
/** Jobs that are steps of the plan. They are never deleted: the cluster does that a day later. */
const jobs: readonly Right[] = [right('batch', 'jobs', 'get', 'create')];
/** Commands in pods. A WebSocket is a GET, and servers from 1.35 on ask for create as well. */
export const execRights: readonly Right[] = [right('', 'pods/exec', 'get', 'create')];
/** Restart of one pod. */
export const eviction: readonly Right[] = [right('', 'pods', 'get'), right('', 'pods/eviction', 'create')];
const autoscaler: readonly Right[] = [right('autoscaling', 'horizontalpodautoscalers', 'get', 'list', 'patch')];

const reports = 'a report of a failed pod will lack them';

/** What a rollout can do without. */
export const wishes: readonly Wish[] = [
  { ...right('', 'pods/log', 'get'), without: reports },
  { ...right('', 'events', 'list'), without: reports },
  {
    ...right('autoscaling', 'horizontalpodautoscalers', 'list'),
    without: 'an autoscaler of the app is not seen and not held, and moves pods under the rollout',
  },
  { ...right('', 'resourcequotas', 'list'), without: 'a quota without room for the new pods shows only when they are refused' },
];

/** What keeping the ConfigMaps and Secrets of a revision takes, and putting them back. Pure. */
export const wishesOfKept = (kinds: ReadonlySet<'ConfigMap' | 'Secret'>): readonly Wish[] =>
  (['ConfigMap', 'Secret'] as const)
    .filter((kind) => kinds.has(kind))
    .map((kind) => ({
      ...right('', kind === 'Secret' ? 'secrets' : 'configmaps', 'get', 'create', 'patch'),
      without: `a rollback brings the template back and not the ${kind}s that it names, as they were`,
    }));

/** What preflight alone reads. */
export const readsOfPreflight: readonly Wish[] = [
  { ...right('', 'limitranges', 'list'), without: 'bounds on the resources of pods are not looked at' },
  { ...right('policy', 'poddisruptionbudgets', 'list'), without: 'budgets for disruptions are not looked at' },
  { ...right('networking.k8s.io', 'ingresses', 'list'), without: 'what an ingress does with pods that go is not looked at' },
];

/** What this plan takes beside the common rights. Pure. */
export const rightsOf = ({ candidate: makes, isolated = false, autoscaler: holds, asked = true, exec = false, steps = [] }: PlanNeeds): readonly Right[] => [
  ...(asked ? checks : []),
  ...(makes ? candidate : []),
  ...(isolated ? previews : []),
  ...(holds ? autoscaler : []),
  ...(exec ? execRights : []),
  ...(steps.includes(jobUse) ? jobs : []),
];

const clusterWide =
  /^(?:Cluster.*|Namespace|CustomResourceDefinition|PersistentVolume|PriorityClass|StorageClass|IngressClass|RuntimeClass|.*WebhookConfiguration|APIService)$/;

/** A kind's name in paths, by the rules of English that Kubernetes follows: ingresses, networkpolicies. Pure. */
const pluralOf = (kind: string): string => {
  const name = kind.toLowerCase();
  if (/(?:s|x|ch)$/.test(name)) return name === 'endpoints' ? name : `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
};

/**
 * What helm takes to write these objects: its own records, and each kind that the chart holds. Kinds without a namespace are left out: a Role says nothing
 * about them. Pure.
 */
export function rightsOfChart(objects: readonly object[]): readonly Right[] {
  const kinds = (objects as readonly { readonly apiVersion?: string; readonly kind?: string }[]).flatMap(({ apiVersion = '', kind = '' }) =>
    kind === '' || clusterWide.test(kind)
      ? []
      : [right(apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', pluralOf(kind), 'get', 'create', 'patch')],
  );
  return merged([right('', 'secrets', 'get', 'list', 'create', 'update', 'delete'), ...kinds]);
}

/** `deployments.apps`, as kubectl writes it. */
export const qualified = ({ group, resource }: Pick<Right, 'group' | 'resource'>): string => (group === '' ? resource : `${resource}.${group}`);

/** The same rights with each resource once, its verbs in a fixed order. Pure. */
export function merged(rights: readonly Right[]): readonly Right[] {
  const byResource = new Map<string, Right>();
  for (const each of rights) {
    const key = qualified(each);
    const known = byResource.get(key)?.verbs ?? [];
    byResource.set(key, { group: each.group, resource: each.resource, verbs: order.filter((verb) => known.includes(verb) || each.verbs.includes(verb)) });
  }
  return [...byResource.values()];
}

const order = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'] as const;
