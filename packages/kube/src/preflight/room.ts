import type { Finding, PlanNeeds, PortContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { type Amounts, type Container, type Deployment, type PodTemplate, paths } from '../objects.js';
import { amountOf, amountText } from './quantity.js';

export interface Quota extends KubeObject {
  readonly spec?: { readonly scopes?: readonly string[] | undefined; readonly scopeSelector?: object | undefined };
  readonly status?: { readonly hard?: Readonly<Record<string, string>> | undefined; readonly used?: Readonly<Record<string, string>> | undefined };
}

/** Pods that come beside those that are there, and what each of them is. */
export interface Newcomers {
  readonly pods: number;
  readonly template: PodTemplate;
  /** Objects of other kinds by their plural: `{ services: 1 }`. */
  readonly objects?: Readonly<Record<string, number>> | undefined;
}

/** Pods that a rolling update may start beside the old ones; a share rounds up (RR ROLL-2). Pure. */
export function surgeOf({ spec }: Deployment, replicas = spec.replicas ?? 1): number {
  const surge = String(spec.strategy?.rollingUpdate?.maxSurge ?? '25%');
  return surge.endsWith('%') ? Math.ceil((replicas * Number(surge.slice(0, -1))) / 100) : Number(surge);
}

/** Pods that a plan starts beside those of stable: a whole candidate, or the surge of an update in place. Pure. */
export const newcomersOf = (stable: Deployment, { candidate, isolated = false }: PlanNeeds, template = stable.spec.template): Newcomers => ({
  pods: candidate ? (stable.spec.replicas ?? 1) : surgeOf(stable),
  template,
  objects: isolated ? { services: 1 } : {},
});

/** What the containers of a pod ask for: those that run together, or the largest of those that prepare. Pure. */
export function podAmount({ spec }: PodTemplate, part: 'requests' | 'limits', resource: string): number {
  const of = ({ resources }: Container): number => {
    const amounts: Amounts = resources?.[part] ?? {};
    // What has a limit and no request asks for the limit.
    const amount = amountOf(amounts[resource] ?? (part === 'requests' ? resources?.limits?.[resource] : undefined));
    return Number.isNaN(amount) ? 0 : amount;
  };
  return Math.max(
    spec.containers.reduce((sum, each) => sum + of(each), 0),
    ...(spec.initContainers ?? []).map(of),
  );
}

/** What the newcomers take of a quota by its name for it; undefined: it counts something else. */
function takes(key: string, { pods, template, objects = {} }: Newcomers): number | undefined {
  if (key === 'pods' || key === 'count/pods') return pods;
  const [, part, resource] = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(key) ?? [];
  if (resource !== undefined) return pods * podAmount(template, part === 'limits' ? 'limits' : 'requests', resource);
  const plural = key.replace(/^count\//, '').replace(/\..*$/, '');
  return objects[plural];
}

const amount = (key: string, value: number): string => (/cpu|memory|storage/.test(key) ? amountText(key, value) : String(value));

/**
 * Quotas that leave no room for the pods of an update. Quotas of a scope are left out: whom they count cannot be told here. A quota on cpu or memory also
 * refuses pods that say nothing about it. Pure.
 */
export function tightQuotas(quotas: readonly Quota[], newcomers: Newcomers): readonly Finding[] {
  return quotas.flatMap(({ metadata: { name }, spec, status }) => {
    if (spec?.scopes !== undefined || spec?.scopeSelector !== undefined) return [];
    const object = `ResourceQuota ${name}`;
    return Object.entries(status?.hard ?? {}).flatMap(([key, limit]): readonly Finding[] => {
      const wanted = takes(key, newcomers);
      if (wanted === undefined || newcomers.pods === 0) return [];
      const [hard, used] = [amountOf(limit), amountOf(status?.used?.[key] ?? '0')];
      const finding = (message: string, fix: string): Finding => ({ id: 'zd/quota', level: 'error', object, path: `status.hard[${key}]`, message, fix });
      if (/cpu|memory/.test(key) && wanted === 0)
        return [
          finding(
            `${object} limits ${key}, and the pods say nothing about it: they are refused`,
            `set resources for ${key.replace(/^\w+\./, '')} in every container`,
          ),
        ];
      if (Number.isNaN(hard) || hard - used >= wanted) return [];
      const room = amount(key, Math.max(0, hard - used));
      return [
        finding(
          `${object} leaves room for ${room} more ${key} (${amount(key, used)} of ${amount(key, hard)} used), the update takes ${amount(key, wanted)} beside what runs`,
          `raise ${key} of the quota to ${amount(key, used + wanted)}, or scale the app down first`,
        ),
      ];
    });
  });
}

/** Room for the pods that an update adds; who may not read quotas is not told. */
export async function roomFindings({ api }: Cluster, { app, signal }: PortContext, newcomers: Newcomers): Promise<readonly Finding[]> {
  try {
    const { items } = await api.list<Quota>(paths.quotas(app.namespace), { signal });
    return tightQuotas(items, newcomers);
  } catch (error) {
    if (KubeError.is(error, 403) || KubeError.is(error, 404)) return [];
    throw error;
  }
}
