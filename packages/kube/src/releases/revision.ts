import type { Revision } from '@shepherd/core';
import { keptOf } from '../companions/kept.js';
import { names, revisionAnnotation } from '../names.js';
import { annotation, type Deployment, ownedBy, type PodTemplate, type ReplicaSet } from '../objects.js';
import { originalSelector, type Workload } from '../workload.js';
import { releaseHash, templateHash } from './template-hash.js';

/** The labels that say who a pod belongs to, and so are no part of a release. */
export const identityOf = ({ stable, candidate, services }: Workload): ReadonlySet<string> =>
  new Set(
    [stable, candidate]
      .flatMap((each) => Object.keys(each?.spec.selector.matchLabels ?? {}))
      .concat(services.flatMap((service) => Object.keys(originalSelector(service)))),
  );

const imagesOf = ({ spec }: PodTemplate): readonly string[] => spec.containers.map(({ image }) => image ?? '');

/** The release that a Deployment runs or is to run. A candidate says it itself, since its labels differ from stable's. */
export function revisionOf(workload: Workload, deployment: Deployment): Revision {
  const { template } = deployment.spec;
  const said = workload.roles === 'keep' && deployment !== workload.stable ? annotation(deployment, names.hash) : undefined;
  return {
    hash: said ?? templateHash(template, identityOf(workload)),
    owner: 'kubernetes',
    images: imagesOf(template),
    at: deployment.metadata.creationTimestamp ?? '',
    verified: deployment === workload.stable,
  };
}

export const numberOf = (replicaSet: ReplicaSet): number => Number(annotation(replicaSet, revisionAnnotation) ?? 0);

/** The ReplicaSets of the app's Deployments, newest first, each release once. */
export function revisionsOf(
  workload: Workload,
  replicaSets: readonly ReplicaSet[],
): readonly { readonly revision: Revision; readonly replicaSet: ReplicaSet }[] {
  const owners = workload.roles === 'swap' ? [workload.stable, workload.candidate] : [workload.stable];
  const identity = identityOf(workload);
  const seen = new Set<string>();
  return replicaSets
    .filter((each) => owners.some((owner) => ownedBy(each, owner?.metadata.uid)))
    .toSorted(
      (a, b) =>
        (workload.roles === 'swap' ? 0 : numberOf(b) - numberOf(a)) || (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
    )
    .map((replicaSet) => {
      const hash = templateHash(replicaSet.spec.template, identity);
      const release = releaseHash(replicaSet.spec.template, identity);
      const bad = annotation(replicaSet, names.bad);
      // What was there before Shepherd came counts as good; what a rollout wrote only once one verified it. The controller copies the mark of a rollout from the Deployment.
      const number = numberOf(replicaSet);
      const [by, reason, kept] = [annotation(replicaSet, names.by), annotation(replicaSet, names.reason), keptOf(replicaSet, hash)];
      const revision: Revision = {
        hash,
        ...(release === hash ? {} : { release }),
        owner: 'kubernetes',
        // Two colours have two counts.
        ...(workload.roles === 'keep' && number > 0 ? { number } : {}),
        images: imagesOf(replicaSet.spec.template),
        at: replicaSet.metadata.creationTimestamp ?? '',
        verified: bad === undefined && (annotation(replicaSet, names.verified) !== undefined || annotation(replicaSet, names.rolloutId) === undefined),
        ...(bad === undefined ? {} : { bad }),
        ...(by === undefined ? {} : { by }),
        ...(reason === undefined ? {} : { reason }),
        ...(kept === undefined || kept.config.length === 0
          ? {}
          : { config: kept.config.map(({ kind, name, hash: content }) => ({ object: `${kind} ${name}`, hash: content })) }),
      };
      return { revision, replicaSet };
    })
    .filter(({ revision: { hash } }) => !seen.has(hash) && seen.add(hash) !== undefined);
}
