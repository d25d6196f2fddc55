import type { Finding, PortContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { type Deployment, paths } from '../objects.js';

export interface Quota extends KubeObject {
  readonly spec?: { readonly scopes?: readonly string[] | undefined; readonly scopeSelector?: object | undefined };
  readonly status?: { readonly hard?: Readonly<Record<string, string>> | undefined; readonly used?: Readonly<Record<string, string>> | undefined };
}

const counted = ['pods', 'count/pods'] as const;

/** Pods that a rolling update may start beside the old ones; a share rounds up (RR ROLL-2). Pure. */
export function surgeOf({ spec }: Deployment, replicas = spec.replicas ?? 1): number {
  const surge = String(spec.strategy?.rollingUpdate?.maxSurge ?? '25%');
  return surge.endsWith('%') ? Math.ceil((replicas * Number(surge.slice(0, -1))) / 100) : Number(surge);
}

/** Quotas on the number of pods that leave no room for the pods of an update. Quotas of a scope are left out: whom they count cannot be told here. Pure. */
export function tightQuotas(quotas: readonly Quota[], surge: number): readonly Finding[] {
  return quotas.flatMap(({ metadata: { name }, spec, status }) => {
    if (spec?.scopes !== undefined || spec?.scopeSelector !== undefined) return [];
    const key = counted.find((each) => status?.hard?.[each] !== undefined);
    const [hard, used] = [Number(status?.hard?.[key ?? ''] ?? Number.NaN), Number(status?.used?.[key ?? ''] ?? 0)];
    if (!(hard - used < surge)) return [];
    return [
      {
        id: 'zd/quota',
        level: 'warning' as const,
        object: `ResourceQuota ${name}`,
        message: `ResourceQuota ${name} leaves room for ${Math.max(0, hard - used)} more pods (${used} of ${hard} used), the update starts ${surge} beside the old ones`,
        fix: `raise ${key} of the quota to ${used + surge}, or scale the app down first`,
      },
    ];
  });
}

/** Room for the pods that an update adds; who may not read quotas is not told. */
export async function roomFindings({ api }: Cluster, { app, signal }: PortContext, deployment: Deployment): Promise<readonly Finding[]> {
  try {
    const { items } = await api.list<Quota>(paths.quotas(app.namespace), { signal });
    return tightQuotas(items, surgeOf(deployment));
  } catch (error) {
    if (KubeError.is(error, 403) || KubeError.is(error, 404)) return [];
    throw error;
  }
}
