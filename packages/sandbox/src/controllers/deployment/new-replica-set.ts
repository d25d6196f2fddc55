import type { KubeObject, NewObject } from '../../api/objects.js';
import { controllerRef } from '../../api/owners.js';
import { hashLabel } from './template-hash.js';

/** The ReplicaSet of a Deployment's template: the hash tells its pods from those of the others. */
export function newReplicaSet(
  deployment: KubeObject,
  { name, hash, size, annotations }: { readonly name: string; readonly hash: string; readonly size: number; readonly annotations: Record<string, string> },
): NewObject {
  const { namespace } = deployment.metadata;
  const { minReadySeconds, template: stored, selector: selects } = deployment.spec;
  const template = structuredClone(stored);
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [hashLabel]: hash } };
  const selector = structuredClone(selects);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: template.metadata.labels,
      annotations,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: size,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template,
    },
  };
}
