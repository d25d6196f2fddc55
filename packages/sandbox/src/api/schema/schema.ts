import source from './kubernetes-1.34.json' with { type: 'json' };

export type Scalar = 'any' | 'boolean' | 'bytes' | 'int32' | 'int64' | 'intOrString' | 'microTime' | 'number' | 'quantity' | 'string' | 'time';

/** How lists and maps merge: by key, as a set, or as one value. */
interface Merging {
  /** Key of a strategic merge patch; a list of scalars has none. */
  readonly mergeKey?: string;
  /** `merge`, `replace`, `retainKeys`. */
  readonly strategies: readonly string[];
  /** Keys by which apply tells the items of a list apart. */
  readonly keys?: readonly string[];
  readonly set: boolean;
  /** One value to apply: whoever owns it owns all of it. */
  readonly atomic: boolean;
}

export type TypeNode = Merging &
  (
    | { readonly kind: 'scalar'; readonly scalar: Scalar }
    | { readonly kind: 'list'; readonly items: TypeNode }
    | { readonly kind: 'map'; readonly items: TypeNode }
    | StructNode
  );

interface StructNode {
  readonly kind: 'struct';
  /** As Go's error messages have it: `v1.Container`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, TypeNode>;
  readonly required: ReadonlySet<string>;
}

type Told = string | { t: string; merge?: string; strategy?: string; keys?: string[]; list?: string; map?: string };
interface Definition {
  readonly fields: Readonly<Record<string, Told>>;
  readonly required?: readonly string[];
  readonly map?: string;
}

const definitions = source.types as unknown as Readonly<Record<string, Definition>>;
const SCALARS: Readonly<Record<string, Scalar>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  n: 'number',
  b: 'boolean',
  q: 'quantity',
  x: 'intOrString',
  t: 'time',
  m: 'microTime',
  y: 'bytes',
  '*': 'any',
};
const plain: Merging = { strategies: [], set: false, atomic: false };
const structs = new Map<string, StructNode & { readonly atomicMap: boolean }>();

function structOf(name: string): StructNode & { readonly atomicMap: boolean } {
  const known = structs.get(name);
  if (known) return known;
  const definition = definitions[name] ?? { fields: {} };
  const fields = new Map<string, TypeNode>();
  const struct = {
    kind: 'struct' as const,
    name: name.split('.').slice(-2).join('.'),
    fields,
    required: new Set(definition.required),
    atomicMap: definition.map === 'atomic',
  };
  // Known before its fields are read, because types contain themselves.
  structs.set(name, struct);
  for (const [field, told] of Object.entries(definition.fields)) fields.set(field, nodeOf(told));
  return struct;
}

function nodeOf(told: Told): TypeNode {
  if (typeof told === 'string') return shapeOf(told, plain);
  const merging: Merging = {
    strategies: told.strategy?.split(',') ?? [],
    set: told.list === 'set',
    atomic: told.list === 'atomic' || told.map === 'atomic',
    ...(told.merge !== undefined && { mergeKey: told.merge }),
    ...(told.keys !== undefined && { keys: told.keys }),
  };
  return shapeOf(told.t, merging);
}

function shapeOf(text: string, merging: Merging): TypeNode {
  const rest = text.slice(1);
  // A list that says nothing about itself is one value to apply.
  if (text[0] === '[') return { ...merging, atomic: merging.keys === undefined && !merging.set, kind: 'list', items: shapeOf(rest, plain) };
  if (text[0] === '{') return { ...merging, kind: 'map', items: shapeOf(rest, plain) };
  if (text[0] !== '@') return { ...merging, kind: 'scalar', scalar: SCALARS[text] ?? 'any' };
  const struct = structOf(rest);
  return Object.assign(Object.create(struct) as StructNode, { ...merging, atomic: merging.atomic || struct.atomicMap }) as TypeNode;
}

/** Anything at all: custom resources without a schema. */
export const anyNode: TypeNode = { ...plain, kind: 'scalar', scalar: 'any' };

const kinds = source.kinds as Readonly<Record<string, string>>;
const byKind = new Map<string, TypeNode>();

/** The type of a built-in kind; `anyNode` for others. */
export function typeOfKind(kind: string): TypeNode {
  let node = byKind.get(kind);
  if (!node) {
    const name = kinds[kind];
    node = name === undefined ? anyNode : shapeOf(`@${name}`, plain);
    byKind.set(kind, node);
  }
  return node;
}

/** The type of a field of a struct or of any entry of a map. */
export function fieldOf(node: TypeNode, field: string): TypeNode {
  if (node.kind === 'struct') return node.fields.get(field) ?? anyNode;
  return node.kind === 'map' ? node.items : anyNode;
}

/** The type of what a resource serves: its own, where it brings one, else that of its kind. */
export const typeOf = ({ kind, type }: { readonly kind: string; readonly type?: TypeNode }): TypeNode => type ?? typeOfKind(kind);
