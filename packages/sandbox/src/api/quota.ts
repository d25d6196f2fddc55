import type { Wire } from './json.js';
import type { KubeObject } from './objects.js';
import { compareQuantities, quantityToNumber } from './quantity.js';
import type { ResourceInfo } from './resources.js';
import { forbidden, qualified, type StatusError } from './status-error.js';
import type { Store } from './store.js';

type Amounts = Readonly<Record<string, number>>;
type Objects = Pick<Store, 'list'>;

/** Kinds that a quota counts by their bare name. */
const COUNTED = ['configmaps', 'persistentvolumeclaims', 'pods', 'resourcequotas', 'secrets', 'services'];
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

const isOver = ({ status }: Wire): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** What the containers of a pod ask for: those that run together, or the largest of those that prepare. */
function sumOf(pod: Wire, part: 'limits' | 'requests', resource: string): number {
  const amount = ({ resources }: Wire): number => quantityToNumber(resources?.[part]?.[resource] ?? 0);
  const together = (pod.spec.containers ?? []).reduce((sum: number, container: Wire) => sum + amount(container), 0);
  return Math.max(together, ...(pod.spec.initContainers ?? []).map(amount));
}

function podUsage(pod: Wire): Amounts {
  const used: Record<string, number> = { 'count/pods': 1 };
  if (isOver(pod)) return used;
  used['pods'] = 1;
  for (const resource of COMPUTE) {
    used[resource] = sumOf(pod, 'requests', resource);
    used[`requests.${resource}`] = used[resource];
    used[`limits.${resource}`] = sumOf(pod, 'limits', resource);
  }
  return used;
}

function serviceUsage({ spec }: Wire): Amounts {
  const ports = spec?.ports?.length ?? 0;
  const balancer = spec?.type === 'LoadBalancer';
  const nodePorts = spec?.type === 'NodePort' || (balancer && spec.allocateLoadBalancerNodePorts !== false) ? ports : 0;
  return { services: 1, 'count/services': 1, 'services.nodeports': nodePorts, 'services.loadbalancers': balancer ? 1 : 0 };
}

/** What one object takes of a quota, by the names that quotas have for it. */
export function usageOf(info: Pick<ResourceInfo, 'group' | 'plural'>, object: Wire): Amounts {
  const name = qualified(info);
  if (name === 'pods') return podUsage(object);
  if (name === 'services') return serviceUsage(object);
  return { [`count/${name}`]: 1, ...(COUNTED.includes(name) && { [name]: 1 }) };
}

const isBestEffort = ({ spec }: Wire): boolean =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? [])].every(
    ({ resources }) => !Object.keys(resources?.requests ?? {}).length && !Object.keys(resources?.limits ?? {}).length,
  );

/** Whether a quota with scopes looks at an object at all. Unknown scopes look at nothing. */
function isInScope({ spec }: Wire, name: string, object: Wire): boolean {
  const scopes: string[] = spec?.scopes ?? [];
  if (scopes.length === 0) return true;
  if (name !== 'pods') return false;
  const ends = object.spec.activeDeadlineSeconds !== undefined;
  const holds: Readonly<Record<string, boolean>> = {
    Terminating: ends,
    NotTerminating: !ends,
    BestEffort: isBestEffort(object),
    NotBestEffort: !isBestEffort(object),
  };
  return scopes.every((scope) => holds[scope] === true);
}

/** The resource whose objects a name of a quota counts: `count/jobs.batch`, `limits.cpu`. */
function resourceOf(name: string): string {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  if (name.startsWith('services.')) return 'services';
  return COUNTED.includes(name) ? name : 'pods';
}

/** How much of each of its limits a quota sees used. */
export function usedOf(objects: Objects, quota: KubeObject): Record<string, number> {
  const used: Record<string, number> = {};
  for (const name of Object.keys(quota.spec?.hard ?? {})) {
    const resource = resourceOf(name);
    const [plural = '', ...group] = resource.split('.');
    used[name] = objects
      .list(resource, quota.metadata.namespace)
      .filter((object) => isInScope(quota, resource, object))
      .reduce((sum, object) => sum + (usageOf({ plural, group: group.join('.') }, object)[name] ?? 0), 0);
  }
  return used;
}

const SUFFIXES = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/** An amount as a quota writes it: whole where it can be, cpu in thousandths, bytes in their largest unit. */
export function amountText(name: string, amount: number): string {
  if (/memory|storage/.test(name)) {
    const [suffix, size] = SUFFIXES.find(([, unit]) => amount > 0 && amount % unit === 0) ?? ['', 1];
    return `${amount / size}${suffix}`;
  }
  return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
}

const listed = (amounts: Readonly<Record<string, string>>): string =>
  Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',');

/** What a quota of compute resources needs every container to say. */
function unsaid({ spec }: KubeObject, pod: Wire): string | undefined {
  const missing = Object.keys(spec.hard ?? {}).filter((name) => {
    const [part, resource] = name.startsWith('limits.') ? (['limits', name.slice(7)] as const) : (['requests', name.replace('requests.', '')] as const);
    return ['cpu', 'memory'].includes(resource) && (pod.spec.containers ?? []).some(({ resources }: Wire) => resources?.[part]?.[resource] === undefined);
  });
  if (missing.length === 0) return undefined;
  const names = (name: string): string => {
    const part = name.startsWith('limits.') ? 'limits' : 'requests';
    const resource = name.split('.').at(-1) ?? '';
    return pod.spec.containers
      .filter(({ resources }: Wire) => resources?.[part]?.[resource] === undefined)
      .map((one: Wire) => one.name)
      .join(',');
  };
  return missing
    .sort()
    .map((name) => `${name} for: ${names(name)}`)
    .join('; ');
}

/** Why the quotas of a namespace do not let an object in; undefined where they do. In the words of the real server. */
export function quotaRefusal(objects: Objects, info: ResourceInfo, draft: Wire): StatusError | undefined {
  const takes = usageOf(info, draft);
  for (const quota of objects.list('resourcequotas', draft.metadata.namespace)) {
    const { name } = quota.metadata;
    if (!isInScope(quota, qualified(info), draft)) continue;
    const hard: Record<string, string> = quota.spec?.hard ?? {};
    const missing = qualified(info) === 'pods' ? unsaid(quota, draft) : undefined;
    if (missing !== undefined) return forbidden(info, draft.metadata.name, `failed quota: ${name}: must specify ${missing}`);
    const used = usedOf(objects, quota);
    const over = Object.keys(hard).filter(
      (key) => (takes[key] ?? 0) > 0 && compareQuantities(amountText(key, (used[key] ?? 0) + (takes[key] ?? 0)), hard[key] ?? '0') > 0,
    );
    if (over.length === 0) continue;
    const told = (amounts: Amounts): string => listed(Object.fromEntries(over.map((key) => [key, amountText(key, amounts[key] ?? 0)])));
    const limited = listed(Object.fromEntries(over.map((key) => [key, hard[key] ?? '0'])));
    return forbidden(info, draft.metadata.name, `exceeded quota: ${name}, requested: ${told(takes)}, used: ${told(used)}, limited: ${limited}`);
  }
  return undefined;
}
