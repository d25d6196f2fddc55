import type { KubeObject } from '../api/objects.js';
import { quantityToNumber } from '../api/quantity.js';
import type { ContainerSpec } from './container-spec.js';

/** What pods ask of a node, or a node has: cores and bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

const amount = (quantity: string | number | undefined): number => (quantity === undefined ? 0 : quantityToNumber(quantity));

/** The requests of a pod: all its containers, or the largest init container where that is more. A limit counts where no request is. */
export function requestsOf(pod: KubeObject): Resources {
  const of = (containers: readonly Pick<ContainerSpec, 'resources'>[] = []) =>
    containers.map(({ resources }) => ({
      cpu: amount(resources?.requests?.cpu ?? resources?.limits?.cpu),
      memory: amount(resources?.requests?.memory ?? resources?.limits?.memory),
    }));
  const add = (all: readonly Resources[], key: keyof Resources): number => all.reduce((sum, one) => sum + one[key], 0);
  const [main, init] = [of(pod.spec.containers), of(pod.spec.initContainers)];
  return {
    cpu: Math.max(add(main, 'cpu'), ...init.map(({ cpu }) => cpu)),
    memory: Math.max(add(main, 'memory'), ...init.map(({ memory }) => memory)),
  };
}

/** Why a pod does not fit on a node, in the scheduler's words. */
export interface Misfit {
  readonly reasons: readonly string[];
  /** What exceeds even the empty node cannot be helped by preemption. */
  readonly hopeless: boolean;
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** A toleration of the pod that fits a taint. */
export const tolerationsOf = (pod: KubeObject, taint: Taint): readonly Toleration[] =>
  ((pod.spec.tolerations ?? []) as Toleration[]).filter(
    ({ key, operator = 'Equal', value, effect }) =>
      (!effect || effect === taint.effect) && (!key || key === taint.key) && (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  );

/** Why a pod does not fit on a node; `undefined` where it fits. */
export function misfit(pod: KubeObject, node: KubeObject, others: readonly KubeObject[]): Misfit | undefined {
  const labels = node.metadata.labels ?? {};
  const selector: Record<string, string> = pod.spec.nodeSelector ?? {};
  const never = (reason: string): Misfit => ({ reasons: [reason], hopeless: true });
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) return never("node(s) didn't match Pod's node affinity/selector");
  if (node.spec?.unschedulable === true) return never('node(s) were unschedulable');
  const taint = ((node.spec?.taints ?? []) as Taint[]).find((one) => one.effect !== 'PreferNoSchedule' && tolerationsOf(pod, one).length === 0);
  if (taint !== undefined) return never(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  const allocatable = { cpu: amount(node.status?.allocatable?.cpu), memory: amount(node.status?.allocatable?.memory) };
  const wanted = requestsOf(pod);
  const used = others.map(requestsOf);
  const short = (['cpu', 'memory'] as const).filter((key) => {
    const left = allocatable[key] - used.reduce((sum, one) => sum + one[key], 0);
    return wanted[key] > 0 && wanted[key] > left + 1e-9;
  });
  const reasons = short.map((key) => `Insufficient ${key}`);
  if (others.length >= amount(node.status?.allocatable?.pods)) reasons.push('Too many pods');
  return reasons.length === 0 ? undefined : { reasons, hopeless: short.some((key) => wanted[key] > allocatable[key]) };
}

/** What the scheduler says of a pod that fits nowhere. */
export function refusalOf(misfits: readonly Misfit[]): string {
  const none = `0/${misfits.length} nodes are available`;
  if (misfits.length === 0) return none;
  const counted = (all: readonly string[]): string =>
    [...new Set(all)]
      .toSorted()
      .map((one) => `${all.filter((other) => other === one).length} ${one}`)
      .join(', ');
  const preemption = counted(
    misfits.map(({ hopeless }) => (hopeless ? 'Preemption is not helpful for scheduling.' : 'No preemption victims found for incoming pod.')),
  );
  return `${none}: ${counted(misfits.flatMap(({ reasons }) => reasons))}. no new claims to deallocate, preemption: ${none}: ${preemption}`;
}

/** The node among those that fit: the one with the fewest pods of the same owner, then the fewest pods, then the first. */
export function roomiest(pod: KubeObject, fitting: readonly { readonly name: string; readonly pods: readonly KubeObject[] }[]): string | undefined {
  const owner = pod.metadata.ownerReferences?.[0]?.uid;
  const siblings = (pods: readonly KubeObject[]): number =>
    pods.filter(({ metadata }) => owner !== undefined && metadata.ownerReferences?.[0]?.uid === owner).length;
  const counted = fitting.map(({ name, pods }) => ({ name, siblings: siblings(pods), pods: pods.length }));
  return counted.toSorted((a, b) => a.siblings - b.siblings || a.pods - b.pods)[0]?.name;
}
