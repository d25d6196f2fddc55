import type { Finding, PortContext } from '@shepherd/core';
import { KubeError, type KubeObject } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { type Container, type PodTemplate, paths } from '../objects.js';

type Kind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';

/** Another object that pods cannot start without, or one key of it. */
export interface Needed {
  readonly kind: Kind;
  readonly name: string;
  readonly key?: string | undefined;
  /** Where the template says so. */
  readonly path: string;
}

interface Held extends KubeObject {
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly binaryData?: Readonly<Record<string, unknown>> | undefined;
  readonly stringData?: Readonly<Record<string, unknown>> | undefined;
}

const pathOf: Readonly<Record<Kind, (namespace: string, name: string) => string>> = {
  ConfigMap: paths.configMaps,
  Secret: paths.secrets,
  PersistentVolumeClaim: paths.claims,
};

/** Everything that a pod of this template cannot start without; what is optional is left out. Pure. */
export function neededBy({ spec }: PodTemplate): readonly Needed[] {
  const at = 'spec.template.spec';
  const add = (kind: Kind, name: string | undefined, path: string, keys: readonly (string | undefined)[] = [undefined], optional = false): readonly Needed[] =>
    name === undefined || optional ? [] : keys.map((key) => ({ kind, name, path, ...(key === undefined ? {} : { key }) }));
  const keysOf = (items: readonly { readonly key: string }[] | undefined): readonly (string | undefined)[] => items?.map(({ key }) => key) ?? [undefined];
  const ofContainer =
    (list: string) =>
    (container: Container): readonly Needed[] => [
      ...(container.env ?? []).flatMap(({ name, valueFrom }) => {
        const path = `${at}.${list}[${container.name}].env[${name}]`;
        const [map, secret] = [valueFrom?.['configMapKeyRef'], valueFrom?.['secretKeyRef']];
        return [...add('ConfigMap', map?.name, path, [map?.key], map?.optional), ...add('Secret', secret?.name, path, [secret?.key], secret?.optional)];
      }),
      ...(container.envFrom ?? []).flatMap(({ configMapRef, secretRef }) => {
        const path = `${at}.${list}[${container.name}].envFrom`;
        return [
          ...add('ConfigMap', configMapRef?.name, path, undefined, configMapRef?.optional),
          ...add('Secret', secretRef?.name, path, undefined, secretRef?.optional),
        ];
      }),
    ];
  return [
    ...spec.containers.flatMap(ofContainer('containers')),
    ...(spec.initContainers ?? []).flatMap(ofContainer('initContainers')),
    ...(spec.volumes ?? []).flatMap(({ name, configMap, secret, persistentVolumeClaim, projected }) => {
      const path = `${at}.volumes[${name}]`;
      return [
        ...add('ConfigMap', configMap?.name, path, keysOf(configMap?.items), configMap?.optional),
        ...add('Secret', secret?.secretName, path, keysOf(secret?.items), secret?.optional),
        ...add('PersistentVolumeClaim', persistentVolumeClaim?.claimName, path),
        ...(projected?.sources ?? []).flatMap((source) => [
          ...add('ConfigMap', source.configMap?.name, path, keysOf(source.configMap?.items), source.configMap?.optional),
          ...add('Secret', source.secret?.name, path, keysOf(source.secret?.items), source.secret?.optional),
        ]),
      ];
    }),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) => add('Secret', name, `${at}.imagePullSecrets`)),
  ];
}

/** The keys of an object; never its values. */
const keysIn = ({ data, binaryData, stringData }: Held): readonly string[] => [data, binaryData, stringData].flatMap((part) => Object.keys(part ?? {}));

type Found = { readonly keys: readonly string[] } | 'missing' | 'unseen';

/** Each object is read once; what comes with the release counts as there. */
function reader(cluster: Cluster, { app, signal }: PortContext, beside: readonly object[] = []): (kind: Kind, name: string) => Promise<Found> {
  const read = new Map<string, Promise<Found>>();
  return (kind, name) => {
    const key = `${kind} ${name}`;
    const known = read.get(key);
    if (known !== undefined) return known;
    const look = async (): Promise<Found> => {
      const coming = (beside as readonly Held[]).find((each) => each.kind === kind && each.metadata?.name === name);
      if (coming !== undefined) return { keys: keysIn(coming) };
      try {
        const found = await cluster.find<Held>(pathOf[kind](app.namespace, name), signal);
        return found === undefined ? 'missing' : { keys: keysIn(found) };
      } catch (error) {
        if (KubeError.is(error, 403)) return 'unseen';
        throw error;
      }
    };
    const looking = look();
    read.set(key, looking);
    return looking;
  };
}

interface Asked {
  readonly template: PodTemplate;
  /** Objects that come with the release. @default none */
  readonly beside?: readonly object[] | undefined;
  /** Say nothing of what may not be read. @default false */
  readonly quiet?: boolean | undefined;
}

/** What pods of this template would wait for in vain. Values are never shown. */
export function referenceFindings(cluster: Cluster, context: PortContext, { template, beside, quiet = false }: Asked): Promise<readonly Finding[]> {
  return translated(context, `read what ${context.app.name} refers to`, async () => {
    const read = reader(cluster, context, beside);
    const needed = neededBy(template);
    const found = await Promise.all(needed.map(({ kind, name }) => read(kind, name)));
    const unseen = [...new Set(needed.flatMap(({ kind, name }, index) => (found[index] === 'unseen' ? [`${kind} ${name}`] : [])))];
    return [...needed.flatMap((each, index) => missing(each, found[index] ?? 'unseen', context.app.namespace)), ...(quiet ? [] : unseen.map(unseenFinding))];
  });
}

function missing({ kind, name, key, path }: Needed, found: Found, namespace: string): readonly Finding[] {
  const object = `${kind} ${name}`;
  const base = { id: 'missing-reference', level: 'error', object, path } as const;
  if (found === 'missing')
    return [{ ...base, message: `${object} does not exist in ${namespace}, and no pod starts without it`, fix: `make it first, or correct ${path}` }];
  if (found === 'unseen' || key === undefined || found.keys.includes(key)) return [];
  return [{ ...base, message: `${object} has no key ${key}, and no pod starts without it`, fix: `add the key, or correct ${path}` }];
}

const unseenFinding = (object: string): Finding => ({
  id: 'references-unseen',
  level: 'warning',
  object,
  message: `not allowed to read ${object}: whether it is there and has the keys that the pods need is not known`,
  fix: `allow get on it (shepherd rbac --for secrets), or look yourself`,
});

/** Secrets that the configuration of the app asks for. Values are never shown. */
export function requiredSecretFindings(cluster: Cluster, context: PortContext): Promise<readonly Finding[]> {
  return translated(context, `read the secrets that ${context.app.name} needs`, async () => {
    const required = cluster.app(context.app).requiredSecrets ?? [];
    const read = reader(cluster, context);
    const all = await Promise.all(
      required.map(async ({ name, keys = [] }): Promise<readonly Finding[]> => {
        const found = await read('Secret', name);
        const object = `Secret ${name}`;
        const base = { id: 'required-secret', level: 'error', object } as const;
        if (found === 'unseen') return [unseenFinding(object)];
        const make = 'make it: kubectl create secret generic, with --from-file or --from-env-file, so that no value stands in a command line';
        if (found === 'missing') return [{ ...base, message: `${object} is required and does not exist in ${context.app.namespace}`, fix: make }];
        return keys
          .filter((key) => !found.keys.includes(key))
          .map((key) => ({ ...base, message: `${object} has no key ${key}, which is required`, fix: `add the key ${key}`, path: `data[${key}]` }));
      }),
    );
    return all.flat();
  });
}
