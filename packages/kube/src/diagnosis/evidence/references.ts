import type { EvidenceOf } from '@shepherd/core';
import { KubeError, type KubeObject } from '../../api/index.js';
import { type Container, type Deployment, type Named, paths } from '../../objects.js';
import type { Commands } from '../commands.js';
import type { Reads } from '../reads.js';
import { deploymentsOf, type World } from './world.js';

type Kind = 'ConfigMap' | 'Secret';

/** Something that a template names. */
export interface Reference {
  readonly kind: Kind;
  readonly name: string;
  readonly key: string | undefined;
  readonly optional: boolean;
  readonly for: 'start' | 'mount' | 'pull';
}

/** What the template of a Deployment names. Pure. */
export function referencesOf({ spec }: Deployment): readonly Reference[] {
  const { containers, initContainers = [], volumes = [], imagePullSecrets = [] } = spec.template.spec;
  const mounted = volumes.flatMap(({ configMap, secret, projected }) => [{ configMap, secret }, ...(projected?.sources ?? [])]);
  const all = [
    ...[...initContainers, ...containers].flatMap(ofContainer),
    ...mounted.flatMap(({ configMap, secret }) => [...ofVolume('ConfigMap', configMap), ...ofVolume('Secret', secret)]),
    ...imagePullSecrets.flatMap(({ name }) => (name === undefined ? [] : [{ kind: 'Secret', name, key: undefined, optional: false, for: 'pull' } as const])),
  ];
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

const ofContainer = ({ env = [], envFrom = [] }: Container): readonly Reference[] => [
  ...env.flatMap(({ valueFrom = {} }) => [...one('ConfigMap', valueFrom['configMapKeyRef'], 'start'), ...one('Secret', valueFrom['secretKeyRef'], 'start')]),
  ...envFrom.flatMap((from) => [...one('ConfigMap', from['configMapRef'], 'start'), ...one('Secret', from['secretRef'], 'start')]),
];

function one(kind: Kind, named: Named | undefined, use: Reference['for']): readonly Reference[] {
  const name = named?.name ?? named?.secretName;
  return name === undefined || named === undefined ? [] : [{ kind, name, key: named.key, optional: named.optional === true, for: use }];
}

const ofVolume = (kind: Kind, named: Named | undefined): readonly Reference[] =>
  named?.items === undefined ? one(kind, named, 'mount') : named.items.flatMap(({ key }) => one(kind, { ...named, key }, 'mount'));

interface Keyed extends KubeObject {
  readonly type?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly binaryData?: Readonly<Record<string, unknown>> | undefined;
}

const most = 30;

/**
 * Whether what the templates name is there, with its keys. Of a Secret names and type leave this function, never a value. `looked` false: what they name, and no
 * more.
 */
export async function referenceEvidence(reads: Reads, world: World, looked = true): Promise<readonly EvidenceOf<'reference'>[]> {
  const named = deploymentsOf(world.workload).flatMap(referencesOf).slice(0, most);
  if (!looked) return named.map((reference) => evidenceOf(reference, 'unread', world.commands));
  const objects = new Map(named.map((each) => [`${each.kind} ${each.name}`, each]));
  const found = await Promise.all(
    [...objects].map(async ([object, { kind, name }]) => {
      const of = kind === 'Secret' ? paths.secrets : paths.configMaps;
      const right = `get ${kind === 'Secret' ? 'secrets' : 'configmaps'}`;
      return [object, await reads.attempt<Look>(object, right, 'unread', (signal) => look(reads, of(world.app.namespace, name), signal))] as const;
    }),
  );
  const looks = new Map(found);
  return named.flatMap((reference) => {
    const seen = looks.get(`${reference.kind} ${reference.name}`);
    return seen === undefined ? [] : [evidenceOf(reference, seen, world.commands)];
  });
}

type Look = 'unread' | 'missing' | { readonly keys: ReadonlySet<string>; readonly type: string | undefined };

async function look({ cluster }: Reads, path: string, signal: AbortSignal): Promise<Look> {
  try {
    const { data = {}, binaryData = {}, type } = await cluster.api.get<Keyed>(path, { signal });
    return { keys: new Set([...Object.keys(data), ...Object.keys(binaryData)]), type };
  } catch (error) {
    if (KubeError.is(error, 404)) return 'missing';
    throw error;
  }
}

function evidenceOf({ kind, name, key, optional, for: use }: Reference, seen: Look, commands: Commands): EvidenceOf<'reference'> {
  const keyed = typeof seen === 'object' ? seen : undefined;
  const missing = seen === 'missing' ? 'object' : key !== undefined && keyed?.keys.has(key) === false ? 'key' : undefined;
  const type = keyed?.type;
  return {
    source: 'reference',
    object: `${kind} ${name}`,
    check: commands.describe(kind.toLowerCase(), name),
    data: {
      kind,
      name,
      for: use,
      optional,
      ...(seen === 'unread' ? { unread: true } : {}),
      ...(key === undefined ? {} : { key }),
      ...(missing === undefined ? {} : { missing }),
      ...(type === undefined ? {} : { type }),
    },
  };
}
