import type { KubeObject } from '../../api/objects.js';

export const annotation = {
  revision: 'deployment.kubernetes.io/revision',
  history: 'deployment.kubernetes.io/revision-history',
  desired: 'deployment.kubernetes.io/desired-replicas',
  max: 'deployment.kubernetes.io/max-replicas',
  lastApplied: 'kubectl.kubernetes.io/last-applied-configuration',
} as const;

const ownOfReplicaSet: ReadonlySet<string> = new Set(Object.values(annotation));

export const revisionOf = (set: KubeObject): number => Number(set.metadata.annotations?.[annotation.revision] ?? 0);

/** The number of the next revision: one more than the highest of the others. */
export const nextRevision = (others: readonly KubeObject[]): number => Math.max(0, ...others.map(revisionOf)) + 1;

/**
 * The annotations of the ReplicaSet that is now the newest: those of the Deployment (not kubectl's last-applied), its new number and, where it had another,
 * that one in its history.
 */
export function annotationsOf(deployment: KubeObject, set: KubeObject | undefined, revision: number): Record<string, string> {
  const before = set?.metadata.annotations ?? {};
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !ownOfReplicaSet.has(key));
  const after: Record<string, string> = { ...before, ...Object.fromEntries(inherited) };
  const old = before[annotation.revision];
  if (Number(old ?? 0) < revision) {
    after[annotation.revision] = String(revision);
    if (old !== undefined) after[annotation.history] = [before[annotation.history], old].filter((part) => part !== undefined && part !== '').join(',');
  }
  return after;
}

/** How large the ReplicaSet's Deployment wants to be, which proportional scaling reads back. */
export const sizeAnnotations = (desired: number, surge: number): Record<string, string> => ({
  [annotation.desired]: String(desired),
  [annotation.max]: String(desired + surge),
});

/** Old ReplicaSets that the history limit no longer keeps; one that still has pods stays. */
export function beyondHistory(old: readonly KubeObject[], limit: number): readonly KubeObject[] {
  const candidates = old.filter((set) => set.metadata.deletionTimestamp === undefined).sort((a, b) => revisionOf(a) - revisionOf(b));
  return candidates
    .slice(0, Math.max(0, candidates.length - limit))
    .filter((set) => (set.status?.replicas ?? 0) === 0 && set.spec.replicas === 0 && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0));
}
