import type { KubeObject } from '../../api/objects.js';
import { tolerationsOf } from '../../pods/placement.js';

/** How long a node may be silent (`node-monitor-grace-period` since Kubernetes 1.32). */
const graceMs = 50_000;
/** How often somebody looks (`node-monitor-period`). */
const monitorMs = 5_000;

const unreachable = 'node.kubernetes.io/unreachable';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** When a node that was last heard of at `heartbeatMs` is given up: at the first look after its grace. */
export const givenUpAtMs = (heartbeatMs: number): number => (Math.floor((heartbeatMs + graceMs) / monitorMs) + 1) * monitorMs;

/** A node that is silent, as the node controller writes it. */
export const unreachableTaints = (now: string): readonly Taint[] => [
  { key: unreachable, effect: 'NoSchedule', timeAdded: now },
  { key: unreachable, effect: 'NoExecute', timeAdded: now },
];

export const taintsOf = (node: KubeObject): readonly Taint[] => node.spec?.taints ?? [];

/** The taints that stay when the node is back. */
export const withoutUnreachable = (node: KubeObject): readonly Taint[] => taintsOf(node).filter(({ key }) => key !== unreachable);

/** How long a pod may stay under a taint of effect NoExecute: 0 is not at all, infinite for good. */
export function toleratedMs(pod: KubeObject, taint: Taint): number {
  const tolerations = tolerationsOf(pod, taint);
  if (tolerations.length === 0) return 0;
  return Math.min(
    ...tolerations.map(({ tolerationSeconds }) => (tolerationSeconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, tolerationSeconds) * 1_000)),
  );
}
