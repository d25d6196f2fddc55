import { createHash } from 'node:crypto';
import type { KubeObject } from '../api/index.js';
import { names } from '../names.js';
import { annotation, type Hpa, type ReplicaSet, type Service } from '../objects.js';
import type { ConfigRef } from './refs.js';

/** A ConfigMap or Secret, as far as pods see it. */
export interface ConfigObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly binaryData?: Readonly<Record<string, string>> | undefined;
  readonly type?: string | undefined;
  readonly immutable?: boolean | undefined;
}

/** Content of one ConfigMap or Secret as a revision had it: `copy` holds it, `hash` names it. */
export interface KeptConfig {
  readonly kind: ConfigRef['kind'];
  readonly name: string;
  readonly copy: string;
  readonly hash: string;
}

type Ports = NonNullable<Service['spec']['ports']>;

/** What a revision ran with beside its template; stands on its ReplicaSet. No value of a Secret is in it. */
export interface Kept {
  /** The revision: a tool may copy annotations from one ReplicaSet to another. */
  readonly of: string;
  readonly config: readonly KeptConfig[];
  readonly hpa?: { readonly name: string; readonly min: number; readonly max: number } | undefined;
  readonly services: readonly { readonly name: string; readonly ports: Ports }[];
}

/** What is kept of a revision; undefined: nothing, or nothing that can be read. */
export function keptOf(replicaSet: ReplicaSet, hash: string): Kept | undefined {
  try {
    const kept = JSON.parse(annotation(replicaSet, names.kept) ?? 'null') as Kept | null;
    return kept?.of === hash && Array.isArray(kept.config) && Array.isArray(kept.services) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Every content that some revision would be given back, whatever became of its ReplicaSet since. */
export function everKept(replicaSets: readonly ReplicaSet[]): readonly KeptConfig[] {
  return replicaSets.flatMap((replicaSet) => {
    try {
      const { of } = JSON.parse(annotation(replicaSet, names.kept) ?? '{}') as Partial<Kept>;
      return of === undefined ? [] : (keptOf(replicaSet, of)?.config ?? []);
    } catch {
      return [];
    }
  });
}

const sorted = (entries: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] =>
  Object.entries(entries ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Names a content without giving it away. */
export const contentHash = ({ data, binaryData, type }: ConfigObject): string =>
  createHash('sha256')
    .update(JSON.stringify([sorted(data), sorted(binaryData), type ?? '']))
    .digest('hex')
    .slice(0, 10);

const longestName = 230;
export const copyName = (name: string, hash: string): string => `${name.slice(0, longestName)}-kept-${hash}`;

const owner = ({ metadata: { name, uid } }: ReplicaSet): object => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid });

/** An immutable copy of a content; it goes with the ReplicaSets that own it. Pure. */
export const copyManifest = (ref: ConfigRef, from: ConfigObject, app: string, replicaSet: ReplicaSet): ConfigObject => ({
  apiVersion: 'v1',
  kind: ref.kind,
  metadata: {
    name: copyName(ref.name, contentHash(from)),
    namespace: from.metadata.namespace ?? 'default',
    labels: { [names.keptFor]: app.slice(0, 63) },
    ownerReferences: [owner(replicaSet)],
  } as ConfigObject['metadata'],
  immutable: true,
  ...contentOf(from),
});

/** What of an object makes its content. */
export const contentOf = ({ data, binaryData, type }: ConfigObject): Pick<ConfigObject, 'data' | 'binaryData' | 'type'> => ({
  ...(data === undefined ? {} : { data }),
  ...(binaryData === undefined ? {} : { binaryData }),
  ...(type === undefined ? {} : { type }),
});

/** One more revision has this content. Pure. */
export const withOwner = (copy: ConfigObject, replicaSet: ReplicaSet): object | undefined =>
  (copy.metadata.ownerReferences ?? []).some(({ uid }) => uid === replicaSet.metadata.uid)
    ? undefined
    : { metadata: { ownerReferences: [...(copy.metadata.ownerReferences ?? []), owner(replicaSet)] } };

export const boundsOf = ({ metadata, spec }: Hpa): NonNullable<Kept['hpa']> => ({ name: metadata.name, min: spec.minReplicas ?? 1, max: spec.maxReplicas });

interface FieldEntry {
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: object;
}

/** When somebody last wrote what counts of an object, ms; the API server keeps it by manager. Whoever has nothing but its metadata (our fence) wrote nothing that counts. */
export function editedAt({ metadata }: KubeObject): number {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly FieldEntry[] };
  const counts = ({ subresource, fieldsV1 }: FieldEntry): boolean =>
    subresource === undefined && (fieldsV1 === undefined || Object.keys(fieldsV1).some((field) => field !== 'f:metadata'));
  const times = managedFields.filter(counts).map(({ time }) => Date.parse(time ?? ''));
  return Math.max(Date.parse(metadata.creationTimestamp ?? ''), ...times.filter((time) => !Number.isNaN(time)));
}
