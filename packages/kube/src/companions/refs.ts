import type { PodTemplate } from '../objects.js';

/** A ConfigMap or Secret that pods of a template take something from. */
export interface ConfigRef {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** Pods start without it too. */
  readonly optional: boolean;
}

interface Named {
  readonly name?: string | undefined;
  readonly secretName?: string | undefined;
  readonly optional?: boolean | undefined;
}
interface Source {
  readonly configMap?: Named | undefined;
  readonly secret?: Named | undefined;
}
interface PodSpec {
  readonly volumes?: readonly (Source & { readonly projected?: { readonly sources?: readonly Source[] | undefined } | undefined })[] | undefined;
}
interface Configured {
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: Named; readonly secretKeyRef?: Named } | undefined }[] | undefined;
  readonly envFrom?: readonly { readonly configMapRef?: Named; readonly secretRef?: Named }[] | undefined;
}

/** Every ConfigMap and Secret that a template refers to, once, in order of kind and name. Pull secrets are the cluster's, not the version's. Pure. */
export function configRefs({ spec }: PodTemplate): readonly ConfigRef[] {
  const { volumes = [] } = spec as PodSpec;
  const containers = [...(spec.initContainers ?? []), ...spec.containers] as readonly Configured[];
  const sources = volumes.flatMap((volume) => [volume, ...(volume.projected?.sources ?? [])]);
  const refs = [
    ...sources.flatMap(({ configMap, secret }) => [of('ConfigMap', configMap), of('Secret', secret)]),
    ...containers.flatMap(({ env = [], envFrom = [] }) => [
      ...env.flatMap(({ valueFrom }) => [of('ConfigMap', valueFrom?.configMapKeyRef), of('Secret', valueFrom?.secretKeyRef)]),
      ...envFrom.flatMap(({ configMapRef, secretRef }) => [of('ConfigMap', configMapRef), of('Secret', secretRef)]),
    ]),
  ].flat();
  const found = new Map<string, ConfigRef>();
  for (const ref of refs) {
    const key = `${ref.kind} ${ref.name}`;
    // One that needs it is enough.
    found.set(key, { ...ref, optional: ref.optional && (found.get(key)?.optional ?? true) });
  }
  return [...found.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref);
}

const of = (kind: ConfigRef['kind'], named: Named | undefined): readonly ConfigRef[] => {
  const name = named?.name ?? named?.secretName;
  return name === undefined || name === '' ? [] : [{ kind, name, optional: named?.optional === true }];
};
