import type { KubeObject } from '../lab/index.js';

/** Where the app of the proof lives is read in one place, whatever the cluster is. */
export interface Objects {
  /** Of the app's namespace, by plural and group: `deployments.apps`. */
  list(resource: Resource): readonly KubeObject[];
  readonly now: Date;
}

export const resources = ['deployments.apps', 'replicasets.apps', 'services', 'pods', 'configmaps', 'leases.coordination.k8s.io'] as const;
export type Resource = (typeof resources)[number];

export const isReady = ({ metadata, status }: KubeObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(({ type, status: is }: { readonly type: string; readonly status: string }) => type === 'Ready' && is === 'True');

/** Of a pod or a pod template. */
// biome-ignore lint/suspicious/noExplicitAny: the wire's shapes
export const imageIn = (pod: { readonly [field: string]: any }): string => pod['spec'].containers[0].image;

export const isCandidate = ({ metadata }: KubeObject): boolean => metadata.labels?.['shepherd.dev/track'] === 'candidate';

/** What pods are counted by: those of one image on one track are one revision's. */
export const revisionOf = (pod: KubeObject): string => `${imageIn(pod)} ${isCandidate(pod) ? 'candidate' : 'stable'}`;

/** When a lock that somebody has may be taken if it is not renewed, in ms since 1970; NaN: nobody has it. */
export function lockedUntil(leases: readonly KubeObject[]): number {
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 0 } = leases[0]?.['spec'] ?? {};
  return holderIdentity === '' ? Number.NaN : Date.parse(renewTime) + leaseDurationSeconds * 1_000;
}
