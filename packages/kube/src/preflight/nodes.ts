import type { Finding } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import { type Amounts, type Labels, type Pod, type PodTemplate, selects } from '../objects.js';
import { amountOf, amountText } from './quantity.js';
import { podAmount } from './room.js';

export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean | undefined; readonly taints?: readonly { readonly key: string; readonly effect: string }[] | undefined };
  readonly status?: {
    readonly allocatable?: Amounts | undefined;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | undefined;
  };
}

const resources = ['cpu', 'memory'] as const;

/** Nodes that take new pods of this template, as far as labels, taints and their state say. */
const usable = (nodes: readonly Node[], nodeSelector: Labels | undefined): readonly Node[] =>
  nodes.filter(
    ({ metadata, spec, status }) =>
      spec?.unschedulable !== true &&
      !(spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute') &&
      (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True') &&
      (Object.keys(nodeSelector ?? {}).length === 0 || selects(nodeSelector, metadata.labels)),
  );

/**
 * How many pods of this template find room on the nodes now, by their requests alone: affinity, tolerations and spreading are not looked at. Pure.
 * `pods`: those of all namespaces.
 */
export function roomOnNodes(nodes: readonly Node[], pods: readonly Pod[], template: PodTemplate): number {
  const living = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  return usable(nodes, template.spec.nodeSelector).reduce((sum, { metadata, status }) => {
    const own = living.filter(({ spec }) => spec.nodeName === metadata.name);
    const places = amountOf(status?.allocatable?.['pods'] ?? 110) - own.length;
    const fits = resources.map((resource) => {
      const one = podAmount(template, 'requests', resource);
      if (one === 0) return Number.POSITIVE_INFINITY;
      const used = own.reduce((total, pod) => total + podAmount({ spec: pod.spec }, 'requests', resource), 0);
      return Math.floor((amountOf(status?.allocatable?.[resource] ?? 0) - used) / one + 1e-9);
    });
    return sum + Math.max(0, Math.min(places, ...fits));
  }, 0);
}

/** Pods that would wait for a node. Pure. */
export function nodeFindings(
  nodes: readonly Node[],
  pods: readonly Pod[],
  newcomers: { readonly pods: number; readonly template: PodTemplate },
): readonly Finding[] {
  const room = roomOnNodes(nodes, pods, newcomers.template);
  if (room >= newcomers.pods) return [];
  const asks = resources.map((resource) => `${amountText(resource, podAmount(newcomers.template, 'requests', resource))} ${resource}`).join(' and ');
  return [
    {
      id: 'node-room',
      level: 'warning',
      message: `the nodes have room for ${room} more pods of ${asks} each, and the update starts ${newcomers.pods} beside the old ones: some would wait`,
      fix: 'add a node, see that a cluster autoscaler does, or lower maxSurge',
    },
  ];
}
