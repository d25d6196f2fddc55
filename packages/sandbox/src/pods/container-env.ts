import { isRecord } from '../api/json.js';
import type { KubeObject, Objects } from '../api/objects.js';
import type { ContainerSpec } from './container-spec.js';

/** What a container's environment comes to, or why it cannot be made: the message of CreateContainerConfigError. */
export type Environment = { readonly ok: true; readonly values: Readonly<Record<string, string>> } | { readonly ok: false; readonly message: string };

interface Source {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly optional: boolean;
}

const read = (objects: Objects, pod: KubeObject, { kind, name }: Source): Readonly<Record<string, string>> | undefined => {
  const object = objects.get(kind === 'Secret' ? 'secrets' : 'configmaps', pod.metadata.namespace, name);
  if (object === undefined) return undefined;
  if (kind === 'ConfigMap') return object.data ?? {};
  return Object.fromEntries(
    Object.entries((object.data ?? {}) as Record<string, string>).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
};

/** The variables of a container: its `envFrom`, then its `env`, as the kubelet resolves them. */
export function environmentOf(objects: Objects, pod: KubeObject, container: Pick<ContainerSpec, 'env' | 'envFrom'>): Environment {
  const values: Record<string, string> = {};
  for (const { prefix = '', secretRef, configMapRef } of container.envFrom ?? []) {
    const ref = secretRef ?? configMapRef;
    if (ref === undefined) continue;
    const source: Source = { kind: secretRef === undefined ? 'ConfigMap' : 'Secret', name: ref.name, optional: ref.optional === true };
    const data = read(objects, pod, source);
    if (data === undefined && !source.optional) return { ok: false, message: `${source.kind.toLowerCase()} "${source.name}" not found` };
    for (const [key, value] of Object.entries(data ?? {})) values[`${prefix}${key}`] = value;
  }
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const ref = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
    if (ref === undefined) {
      values[name] = valueFrom?.fieldRef === undefined ? expand(value, values) : fieldOf(pod, valueFrom.fieldRef.fieldPath);
      continue;
    }
    const source: Source = { kind: valueFrom?.secretKeyRef === undefined ? 'ConfigMap' : 'Secret', name: ref.name, optional: ref.optional === true };
    const data = read(objects, pod, source);
    const found = data?.[ref.key];
    if (found !== undefined) values[name] = found;
    else if (source.optional) continue;
    else if (data === undefined) return { ok: false, message: `${source.kind.toLowerCase()} "${source.name}" not found` };
    else return { ok: false, message: `couldn't find key ${ref.key} in ${source.kind} ${pod.metadata.namespace}/${source.name}` };
  }
  return { ok: true, values };
}

const expand = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) => (name === undefined ? '$' : (values[name] ?? whole)));

function fieldOf(pod: KubeObject, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return (keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations)?.[keyed[2] as string] ?? '';
  return String(path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), pod) ?? '');
}

/** Why a volume of the pod cannot be mounted, in the kubelet's words. */
export function mountProblem(objects: Objects, pod: KubeObject): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const secret = volume.secret && { kind: 'Secret' as const, name: volume.secret.secretName, optional: volume.secret.optional === true };
    const configMap = volume.configMap && { kind: 'ConfigMap' as const, name: volume.configMap.name, optional: volume.configMap.optional === true };
    const source: Source | undefined = secret ?? configMap;
    if (source === undefined || source.optional || read(objects, pod, source) !== undefined) continue;
    return `MountVolume.SetUp failed for volume "${volume.name}" : ${source.kind.toLowerCase()} "${source.name}" not found`;
  }
  return undefined;
}
