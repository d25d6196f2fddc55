import { managersOf } from '../managers.js';
import { annotation } from '../objects.js';
import { aboutDeployment, autoscalersOf, type Rule, type Subject } from './subject.js';

/** Each release would set the pods back to what the manifest says. */
export const hpaReplicas: Rule = (subject) => {
  const [autoscaler] = autoscalersOf(subject);
  if (autoscaler === undefined || subject.manifest?.spec.replicas === undefined) return [];
  return [
    aboutDeployment(subject)(
      'hpa-replicas',
      'error',
      `the chart writes ${subject.manifest.spec.replicas} replicas, which HorizontalPodAutoscaler ${autoscaler.metadata.name} has set to what the load needs`,
      'leave replicas out of the template where there is an autoscaler',
      'spec.replicas',
    ),
  ];
};

/** Who else writes what a rollout writes. */
function ownerOf({ live, manifest }: Subject): string | undefined {
  if (live === undefined) return undefined;
  const has = (key: RegExp): boolean => Object.keys({ ...live.metadata.labels, ...live.metadata.annotations }).some((each) => key.test(each));
  if (has(/^argocd\.argoproj\.io\/(?:instance|tracking-id)$/)) return 'Argo CD';
  if (has(/^(?:kustomize|helm)\.toolkit\.fluxcd\.io\/name$/)) return 'Flux';
  if (manifest === undefined && annotation(live, 'meta.helm.sh/release-name') !== undefined)
    return `Helm (release ${annotation(live, 'meta.helm.sh/release-name')})`;
  const last = managersOf(live, ['spec', 'template', 'spec', 'containers']).findLast(({ manager }) =>
    /argocd|kustomize-controller|helm-controller/.test(manager),
  );
  return last?.manager;
}

/** It puts back what it knows, in the middle of a rollout or after it. */
export const managedBy: Rule = (subject) => {
  const owner = ownerOf(subject);
  if (owner === undefined) return [];
  return [
    aboutDeployment(subject)(
      'managed-by',
      'warning',
      `${owner} owns the template too: what a rollout writes is taken back at its next sync, or by the next upgrade`,
      owner.startsWith('Helm')
        ? 'release the chart itself: --chart'
        : 'change the version at its source as well, and let it leave these fields alone while a rollout runs',
      'spec.template',
    ),
  ];
};
