import { isRecord, type Wire } from '../json.js';
import { fieldOf, type TypeNode } from '../schema/schema.js';

/**
 * The fields of an object as paths, one for each value that somebody can own: leaves, lists and maps that merge as one value, and items of keyed lists.
 * An element of a path is `f:name`, `k:{"name":"web"}` or `v:"text"`, as in FieldsV1; elements are joined by a line feed.
 */
export type FieldPath = string;
export type FieldSet = ReadonlySet<FieldPath>;

const JOIN = '\n';
export const elementsOf = (path: FieldPath): string[] => path.split(JOIN);
export const under = (path: FieldPath, element: string): FieldPath => (path === '' ? element : `${path}${JOIN}${element}`);
export const isUnder = (path: FieldPath, parent: FieldPath): boolean => path.startsWith(`${parent}${JOIN}`);

/** Defaults of key fields, so that `{ containerPort: 80 }` and `{ containerPort: 80, protocol: TCP }` are the same item. */
const KEY_DEFAULTS: Readonly<Record<string, Wire>> = { protocol: 'TCP' };

/** The element that names an item of a keyed list. */
export function itemElement(item: Wire, keys: readonly string[]): string {
  const found = [...keys].sort().map((key) => [key, item?.[key] ?? KEY_DEFAULTS[key]]);
  return `k:${JSON.stringify(Object.fromEntries(found.filter(([, value]) => value !== undefined)))}`;
}

const setElement = (item: Wire): string => `v:${JSON.stringify(item)}`;

/** An item of a keyed list is there or not; what it holds are paths of their own. */
const PRESENT = true;

/** Structs that Go always writes: they are there without anybody having made them. */
const VALUE_STRUCTS = ['f:spec', 'f:status', 'f:metadata', 'f:template', 'f:strategy', 'f:updateStrategy', 'f:scaleTargetRef', 'f:loadBalancer'];

/** Whether somebody owns the container itself, apart from what it holds. */
const isOwnable = (node: TypeNode, parent: TypeNode, element: string): boolean => {
  if (node.kind === 'struct') return parent.kind === 'struct' && !VALUE_STRUCTS.includes(element);
  return !(parent.kind === 'struct' && parent.required.has(element.slice(2)));
};

function collect(value: Wire, node: TypeNode, path: FieldPath, into: Map<FieldPath, Wire>, containers: boolean): void {
  if (node.atomic || node.kind === 'scalar') return void into.set(path, value);
  if (node.kind === 'list') {
    if (!Array.isArray(value)) return void into.set(path, value);
    if (value.length === 0) into.set(path, PRESENT);
    for (const item of value) {
      const at = under(path, node.set ? setElement(item) : itemElement(item, node.keys ?? []));
      into.set(at, PRESENT);
      if (!node.set) collect(item, node.items, at, into, containers);
    }
    return;
  }
  const fields = isRecord(value) ? Object.entries(value) : [];
  // an empty one of those is nobody's, unless somebody applies it
  if (fields.length === 0 && !(containers && VALUE_STRUCTS.includes(elementsOf(path).at(-1) ?? '') && isRecord(value))) into.set(path, value);
  for (const [field, item] of fields) {
    const child = fieldOf(node, field);
    const at = under(path, `f:${field}`);
    if (containers && !child.atomic && child.kind !== 'scalar' && isOwnable(child, node, `f:${field}`)) into.set(at, PRESENT);
    collect(item, child, at, into, containers);
  }
}

const SYSTEM_METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
];

/**
 * Every ownable field with its value. What the server alone writes belongs to nobody.
 * @param containers with the lists and maps themselves, as updates own them and applies do not. @default false
 */
export function fieldsOf(object: Wire, node: TypeNode, containers = false): Map<FieldPath, Wire> {
  const { apiVersion: _, kind: __, metadata = {}, ...rest } = object;
  const meta = Object.fromEntries(Object.entries(metadata).filter(([field]) => !SYSTEM_METADATA.includes(field)));
  const into = new Map<FieldPath, Wire>();
  for (const [field, value] of Object.entries(Object.keys(meta).length > 0 ? { metadata: meta, ...rest } : rest)) {
    const child = fieldOf(node, field);
    if (containers && !child.atomic && child.kind !== 'scalar' && isOwnable(child, node, `f:${field}`)) into.set(`f:${field}`, PRESENT);
    collect(value, child, `f:${field}`, into, containers);
  }
  return into;
}

/** FieldsV1, the form in `metadata.managedFields`. */
export function toFieldsV1(set: FieldSet): Wire {
  const root: Wire = {};
  for (const path of [...set].sort()) {
    const elements = elementsOf(path);
    let at = root;
    for (const element of elements) {
      at[element] ??= {};
      at = at[element];
    }
    at['.'] = {};
  }
  dropLeafDots(root);
  return root;
}

/** A leaf says by being there that it is meant; only what has fields below it needs the dot. */
function dropLeafDots(node: Wire): void {
  if (Object.keys(node).length === 1 && node['.']) delete node['.'];
  for (const [element, child] of Object.entries(node)) if (element !== '.') dropLeafDots(child);
}

const parsed = new WeakMap<object, FieldSet>();

export function fromFieldsV1(fields: Wire): FieldSet {
  if (!isRecord(fields)) return new Set();
  const known = parsed.get(fields);
  if (known) return known;
  const set = new Set<FieldPath>();
  const walk = (node: Wire, path: FieldPath): void => {
    const elements = Object.entries<Wire>(node);
    if (elements.length === 0) set.add(path);
    for (const [element, child] of elements) {
      if (element === '.') set.add(path);
      else walk(child, under(path, element));
    }
  };
  for (const [element, child] of Object.entries<Wire>(fields)) walk(child, element);
  if (Object.isFrozen(fields)) parsed.set(fields, set);
  return set;
}

/** The order of conflicts: at each level first what ends there, then what goes deeper. */
export function comparePaths(a: FieldPath, b: FieldPath): number {
  const [left, right] = [elementsOf(a), elementsOf(b)];
  const at = left.findIndex((element, i) => element !== right[i]);
  if (at < 0) return left.length - right.length;
  const deeper = Number(left.length > at + 1) - Number(right.length > at + 1);
  if (deeper !== 0) return deeper;
  return (left[at] ?? '') < (right[at] ?? '') ? -1 : 1;
}

/** As conflicts name a field: `.spec.template.spec.containers[name="web"].image`. */
export const pathText = (path: FieldPath): string =>
  elementsOf(path)
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      const keys = Object.entries(JSON.parse(rest)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `[${keys.join(',')}]`;
    })
    .join('');
