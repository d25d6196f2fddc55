import { copyJson, equalJson, isRecord, type Wire } from '../json.js';
import { fieldOf, type TypeNode } from '../schema/schema.js';
import { StatusError } from '../status-error.js';
import { comparePaths, elementsOf, type FieldPath, type FieldSet, fieldsOf, isUnder, itemElement, pathText } from './field-set.js';
import { type Owner, ownersOf, type Writer, without } from './managed-fields.js';

export interface Applied {
  readonly object: Wire;
  readonly owners: readonly Owner[];
}

/** Merges a configuration into an object: keyed lists item by item, sets as sets, atomic values whole. */
function merge(live: Wire, config: Wire, node: TypeNode): Wire {
  if (node.atomic || node.kind === 'scalar' || live === undefined || live === null) return copyJson(config);
  if (node.kind === 'list') return Array.isArray(live) && Array.isArray(config) ? mergeLists(live, config, node) : copyJson(config);
  if (!isRecord(live) || !isRecord(config)) return copyJson(config);
  const result: Record<string, Wire> = { ...live };
  for (const [field, value] of Object.entries(config)) result[field] = merge(live[field], value, fieldOf(node, field));
  return result;
}

/** Both orders are kept: items of the live list that the configuration does not name come before its next one, new ones where it has them. */
function mergeLists(live: readonly Wire[], config: readonly Wire[], node: TypeNode & { kind: 'list' }): Wire[] {
  const elementOf = (item: Wire): string => (node.set ? `v:${JSON.stringify(item)}` : itemElement(item, node.keys ?? []));
  const wanted = config.map(elementOf);
  const lives = live.map(elementOf);
  const result: Wire[] = [];
  let i = 0;
  for (const [j, item] of config.entries()) {
    while (i < live.length && lives[i] !== wanted[j] && !wanted.slice(j).includes(lives[i] ?? '')) {
      if (!wanted.includes(lives[i] ?? '')) result.push(live[i]);
      i += 1;
    }
    const at = lives.indexOf(wanted[j] ?? '');
    result.push(at < 0 || node.set ? copyJson(item) : merge(live[at], item, node.items));
    if (at === i) i += 1;
  }
  for (; i < live.length; i += 1) if (!wanted.includes(lives[i] ?? '')) result.push(live[i]);
  return result;
}

/** A copy without the value at the path. */
function removeAt(value: Wire, node: TypeNode, elements: readonly string[]): Wire {
  const [element = '', ...rest] = elements;
  if (element.startsWith('f:')) {
    const field = element.slice(2);
    if (!isRecord(value) || !Object.hasOwn(value, field)) return value;
    const { [field]: child, ...others } = value;
    return rest.length === 0 ? others : { ...value, [field]: removeAt(child, fieldOf(node, field), rest) };
  }
  if (!Array.isArray(value) || node.kind !== 'list') return value;
  const keys = node.keys ?? [];
  const isIt = (item: Wire): boolean => (element.startsWith('v:') ? JSON.stringify(item) === element.slice(2) : itemElement(item, keys) === element);
  if (rest.length === 0) return value.filter((item) => !isIt(item));
  return value.map((item) => (isIt(item) ? removeAt(item, node.items, rest) : item));
}

/** What the manager had applied and applies no more, and nobody else owns. An item of a list stays while somebody owns a part of it. */
function abandoned(last: FieldSet, next: { has(path: FieldPath): boolean }, others: readonly Owner[]): FieldPath[] {
  const owned = new Set(others.flatMap(({ fields }) => [...fields]));
  const isOthers = (path: FieldPath): boolean => {
    if (owned.has(path)) return true;
    if (!elementsOf(path).at(-1)?.startsWith('k:')) return false;
    return [...owned].some((other) => isUnder(other, path));
  };
  return [...last].filter((path) => !next.has(path) && !isOthers(path));
}

function refuse(conflicts: readonly { owner: Owner; path: FieldPath }[]): never {
  const nameOf = ({ manager, operation, subresource, apiVersion }: Owner): string => {
    const through = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
    return `${JSON.stringify(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
  };
  const byOwner = new Map<string, string[]>();
  for (const { owner, path } of conflicts) byOwner.set(nameOf(owner), [...(byOwner.get(nameOf(owner)) ?? []), pathText(path)]);
  const count = conflicts.length;
  const groups = [...byOwner].map(([name, paths]) =>
    count === 1 ? `conflict with ${name}: ${paths[0]}` : `conflicts with ${name}:\n${paths.map((path) => `- ${path}`).join('\n')}`,
  );
  throw new StatusError(409, 'Conflict', `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${groups.join('\n')}`, {
    causes: conflicts.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${nameOf(owner)}`, field: pathText(path) })),
  });
}

/**
 * Server-side apply: merges the configuration, takes away what this manager no longer says, and notes who owns what.
 * @param current undefined where the object is to be made
 * @throws StatusError 409 with a cause for each field that another manager owns with another value, unless `force`
 */
export function applyConfiguration(current: Wire | undefined, config: Wire, writer: Writer, force: boolean, node: TypeNode): Applied {
  const wanted = fieldsOf(config, node);
  const mine: Owner = { ...writer, operation: 'Apply', fields: new Set(wanted.keys()) };
  if (current === undefined) return { object: copyJson(config), owners: [mine] };
  const isMine = (owner: Owner): boolean => owner.operation === 'Apply' && owner.manager === writer.manager && owner.subresource === writer.subresource;
  const owners = ownersOf(current);
  const before = owners.find(isMine);
  const others = owners.filter((owner) => owner !== before);
  const live = fieldsOf(current, node);
  const differs = (path: FieldPath): boolean => live.has(path) && !equalJson(live.get(path), wanted.get(path));
  const contested = new Set([...wanted.keys()].filter(differs));
  const byName = others.toSorted((a, b) => (a.manager < b.manager ? -1 : 1));
  const conflicts = byName.flatMap((owner) =>
    [...contested]
      .filter((path) => owner.fields.has(path))
      .sort(comparePaths)
      .map((path) => ({ owner, path })),
  );
  if (conflicts.length > 0 && !force) refuse(conflicts);
  let object = merge(current, config, node);
  const gone = abandoned(before?.fields ?? new Set(), wanted, others);
  for (const path of gone) object = removeAt(object, node, elementsOf(path));
  // who applies what is there already changes nothing: the time of its last change stays, or there is none
  const time = equalJson(object, current) ? before?.time : writer.time;
  return { object, owners: [...others.map((owner) => without(owner, contested, writer.time)), { ...mine, time }] };
}
