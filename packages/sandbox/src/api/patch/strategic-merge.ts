import { copyJson, equalJson, isRecord, type Wire } from '../json.js';
import { fieldOf, type TypeNode } from '../schema/schema.js';

/** A patch that does not fit its type: the server answers 500 with this message, as the real one does. */
export class StrategicMergeError extends Error {}

const PATCH = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';
const isDirective = (field: string): boolean => field === PATCH || field === RETAIN || field.startsWith(DELETE_FROM) || field.startsWith(ORDER);

/** Go's way to print a map, for messages. */
const goMap = (value: Record<string, Wire>): string =>
  `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${isRecord(value[key]) ? goMap(value[key]) : String(value[key])}`)
    .join(' ')}]`;

/** Directives are orders, not content: where a patch becomes the value itself they are gone. */
function withoutDirectives(value: Wire): Wire {
  if (Array.isArray(value)) return value.filter((item) => !(isRecord(item) && item[PATCH] === 'delete')).map(withoutDirectives);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([field, item]) => !isDirective(field) && item !== null);
  return Object.fromEntries(kept.map(([field, item]) => [field, withoutDirectives(item)]));
}

function mergeMap(target: Wire, patch: Record<string, Wire>, node: TypeNode): Wire {
  const directive = patch[PATCH];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw new StrategicMergeError(`unknown patch type: ${directive} in map: ${goMap(patch)}`);
  const result: Record<string, Wire> = isRecord(target) ? { ...target } : {};
  if (Array.isArray(patch[RETAIN])) for (const field of Object.keys(result)) if (!patch[RETAIN].includes(field)) delete result[field];
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith(DELETE_FROM)) {
      const list = field.slice(DELETE_FROM.length);
      if (Array.isArray(result[list])) result[list] = result[list].filter((item: Wire) => !value.some((gone: Wire) => equalJson(gone, item)));
    }
    if (isDirective(field)) continue;
    if (value === null) delete result[field];
    else result[field] = mergeField(result[field], value, fieldOf(node, field), patch[`${ORDER}${field}`]);
  }
  return result;
}

function mergeField(target: Wire, patch: Wire, node: TypeNode, order: Wire): Wire {
  if (Array.isArray(patch)) return mergeList(target, patch, node, order);
  if (!isRecord(patch)) return copyJson(patch);
  if (node.strategies.includes('replace') || target === undefined) return withoutDirectives(patch);
  return mergeMap(target, patch, node);
}

function mergeList(target: Wire, patch: Wire[], node: TypeNode, order: Wire): Wire {
  if (!node.strategies.includes('merge') || node.kind !== 'list') return withoutDirectives(patch);
  const old: Wire[] = Array.isArray(target) ? target : [];
  if (node.mergeKey === undefined) {
    const fresh = patch.filter((item) => !old.some((one) => equalJson(one, item)));
    return inOrder([...old, ...fresh], Array.isArray(order) ? order : patch, old, (item) => JSON.stringify(item));
  }
  if (patch.some((item) => isRecord(item) && item[PATCH] === 'replace' && Object.keys(item).length === 1))
    return withoutDirectives(patch.filter((item) => item[PATCH] !== 'replace'));
  const { mergeKey } = node;
  const merged = mergeByKey(old, patch, mergeKey, node.items);
  return inOrder(merged, Array.isArray(order) ? order : patch, old, (item) => JSON.stringify(item?.[mergeKey]));
}

function mergeByKey(old: readonly Wire[], patch: readonly Wire[], key: string, items: TypeNode): Wire[] {
  const result = [...old];
  for (const item of patch) {
    if (!isRecord(item)) throw new StrategicMergeError('Invalid value for patch: expected a map');
    if (item[key] === undefined) throw new StrategicMergeError(`map: ${goMap(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((one) => equalJson(one[key], item[key]));
    if (item[PATCH] === 'delete') {
      for (let i = result.length - 1; i >= 0; i -= 1) if (equalJson(result[i][key], item[key])) result.splice(i, 1);
    } else if (at < 0) {
      if (item[PATCH] !== undefined && !['merge', 'replace'].includes(item[PATCH]))
        throw new StrategicMergeError(`unknown patch type: ${item[PATCH]} in map: ${goMap(item)}`);
      result.push(withoutDirectives(item));
    } else result[at] = mergeMap(result[at], item, items);
  }
  return result;
}

/** The patch's items in the patch's order; between them the others, each before what it stood before already. */
function inOrder(merged: readonly Wire[], order: readonly Wire[], old: readonly Wire[], keyOf: (item: Wire) => string): Wire[] {
  const rank = new Map(order.map((item, i) => [keyOf(item), i] as const));
  const place = new Map(old.map((item, i) => [keyOf(item), i] as const));
  const named = merged.filter((item) => rank.has(keyOf(item))).sort((a, b) => (rank.get(keyOf(a)) ?? 0) - (rank.get(keyOf(b)) ?? 0));
  const others = merged.filter((item) => !rank.has(keyOf(item)));
  const isBefore = (a: Wire, b: Wire): boolean => (place.get(keyOf(a)) ?? Number.NaN) < (place.get(keyOf(b)) ?? Number.NaN);
  const result: Wire[] = [];
  while (named.length > 0 && others.length > 0) result.push(isBefore(others[0], named[0]) ? others.shift() : named.shift());
  return [...result, ...named, ...others];
}

/** Strategic merge patch: lists with a merge key merge item by item, all else as in a merge patch. `$setElementOrder` orders the items. @throws StrategicMergeError */
export const strategicMerge = (target: Wire, patch: Record<string, Wire>, node: TypeNode): Wire => mergeMap(target, patch, node);
