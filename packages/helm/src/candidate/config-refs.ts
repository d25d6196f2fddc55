import { type ChartObject, nameOf } from '../chart/objects.js';

type Node = Readonly<Record<string, unknown>>;
type Kind = 'ConfigMap' | 'Secret';

/** Which field of a pod names what: the key of the object that names it, and the key of the name. */
const references: Readonly<Record<string, { readonly kind: Kind; readonly field: string }>> = {
  configMapRef: { kind: 'ConfigMap', field: 'name' },
  configMapKeyRef: { kind: 'ConfigMap', field: 'name' },
  configMap: { kind: 'ConfigMap', field: 'name' },
  secretRef: { kind: 'Secret', field: 'name' },
  secretKeyRef: { kind: 'Secret', field: 'name' },
};

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `ConfigMap web-config`, as `nameOf` says it. `optional`: pods start without it too. */
export type Rename = (kind: Kind, name: string, optional: boolean) => string;

/** The same with other names for ConfigMaps and Secrets: in variables, volumes and pull secrets. Pure. */
function renamed(value: unknown, rename: Rename, key = ''): unknown {
  if (Array.isArray(value))
    return value.map((item) => (key === 'imagePullSecrets' && isNode(item) ? named(item, 'name', 'Secret', rename) : renamed(item, rename)));
  if (!isNode(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, renamed(field, rename, name)]));
  // A volume names its Secret otherwise than a projected source does.
  if (key === 'secret') return named(inner, typeof inner['secretName'] === 'string' ? 'secretName' : 'name', 'Secret', rename);
  const found = references[key];
  return found === undefined ? inner : named(inner, found.field, found.kind, rename);
}

const named = (node: Node, field: string, kind: Kind, rename: Rename): Node => {
  const name = node[field];
  return typeof name === 'string' ? { ...node, [field]: rename(kind, name, node['optional'] === true) } : node;
};

const specOf = (deployment: ChartObject): unknown => (deployment['spec'] as { readonly template?: { readonly spec?: unknown } } | undefined)?.template?.spec;

/** The Deployment with other names for the ConfigMaps and Secrets that its pods read. Pure. */
export function withConfigNames(deployment: ChartObject, rename: Rename): ChartObject {
  const spec = deployment['spec'] as { readonly template?: Node };
  return { ...deployment, spec: { ...spec, template: { ...spec.template, spec: renamed(specOf(deployment), rename) } } };
}

/** The ConfigMaps and Secrets that its pods read, as `ConfigMap web-config`. Pure. */
export function configsOf(deployment: ChartObject): ReadonlySet<string> {
  const found = new Set<string>();
  renamed(specOf(deployment), (kind, name) => {
    found.add(nameOf({ kind, metadata: { name } }));
    return name;
  });
  return found;
}

/** What its pods cannot start without. Pull secrets are the cluster's, not the version's. Pure. */
export function requiredConfigs(deployment: ChartObject): readonly { readonly kind: Kind; readonly name: string }[] {
  const found = new Map<string, { readonly kind: Kind; readonly name: string }>();
  const { imagePullSecrets: _, ...spec } = (specOf(deployment) ?? {}) as Node;
  renamed(spec, (kind, name, optional) => {
    if (!optional) found.set(`${kind} ${name}`, { kind, name });
    return name;
  });
  return [...found.values()];
}
