import type { KubeObject } from '../api/objects.js';
import { quantityToNumber } from '../api/quantity.js';

/** What pods ask of a node, or a node has: cores and bytes. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
}

const amount = (quantity: string | number | undefined): number => (quantity === undefined ? 0 : quantityToNumber(quantity));

/** The requests of a pod: all its containers, or the largest init container where that is more. A limit counts where no request is. */
export function requestsOf(pod: KubeObject): Resources {
  // biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
  const of = (containers: readonly any[] = []) =>
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

/**
 * Why a pod does not fit on the only node, in the scheduler's words; `undefined` where it fits. What exceeds even the empty node cannot be helped by
 * preemption.
 */
export function misfit(pod: KubeObject, node: KubeObject, others: readonly KubeObject[]): string | undefined {
  const labels = node.metadata.labels ?? {};
  const selector: Record<string, string> = pod.spec.nodeSelector ?? {};
  const hopeless = '0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  const say = (why: readonly string[], preemption: string): string =>
    `0/1 nodes are available: ${why.map((one) => `1 ${one}`).join(', ')}. no new claims to deallocate, preemption: ${preemption}`;
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) return say(["node(s) didn't match Pod's node affinity/selector"], hopeless);
  if (node.spec?.unschedulable === true) return say(['node(s) were unschedulable'], hopeless);
  const allocatable = { cpu: amount(node.status?.allocatable?.cpu), memory: amount(node.status?.allocatable?.memory) };
  const wanted = requestsOf(pod);
  const used = others.map(requestsOf);
  const short = (['cpu', 'memory'] as const).filter((key) => {
    const left = allocatable[key] - used.reduce((sum, one) => sum + one[key], 0);
    return wanted[key] > 0 && wanted[key] > left + 1e-9;
  });
  const why = short.map((key) => `Insufficient ${key}`);
  if (others.length >= amount(node.status?.allocatable?.pods)) why.push('Too many pods');
  if (why.length === 0) return undefined;
  const never = short.some((key) => wanted[key] > allocatable[key]);
  return say(why.sort(), never ? hopeless : '0/1 nodes are available: 1 No preemption victims found for incoming pod.');
}
