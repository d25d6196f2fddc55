import { equalJson, type Wire } from '../json.js';
import type { TypeNode } from '../schema/schema.js';
import { type FieldPath, type FieldSet, fieldsOf, fromFieldsV1, toFieldsV1 } from './field-set.js';

/** One manager and what it owns, read from `metadata.managedFields`. */
export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
  /** Missing where the manager has changed nothing yet, but owns what others have set. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Who writes, and when. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string | undefined;
  /** RFC 3339. */
  readonly time: string;
}

export const ownersOf = (object: Wire): Owner[] =>
  (object?.metadata?.managedFields ?? []).map((entry: Wire) => ({
    manager: entry.manager ?? 'unknown',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion,
    subresource: entry.subresource,
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1),
  }));

const byAge = (a: Owner, b: Owner): number =>
  a.operation === b.operation
    ? (a.time ?? '') < (b.time ?? '')
      ? -1
      : (a.time ?? '') > (b.time ?? '')
        ? 1
        : a.manager < b.manager
          ? -1
          : 1
    : a.operation === 'Apply'
      ? -1
      : 1;

/** Writes the owners back; who owns nothing is no owner. */
export function setOwners(draft: Wire, owners: readonly Owner[]): void {
  const kept = owners.filter(({ fields }) => fields.size > 0).sort(byAge);
  if (kept.length === 0) {
    delete draft.metadata.managedFields;
    return;
  }
  draft.metadata.managedFields = kept.map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
    manager,
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(fields),
    ...(subresource !== undefined && { subresource }),
  }));
}

export const minus = (set: FieldSet, gone: { has(path: FieldPath): boolean }): FieldSet => new Set([...set].filter((path) => !gone.has(path)));

/** Takes fields from an owner; one who loses nothing stays the same value, so that nothing looks changed. */
export function without(owner: Owner, gone: FieldSet, time: string): Owner {
  const fields = minus(owner.fields, gone);
  return fields.size === owner.fields.size ? owner : { ...owner, fields, time };
}

/** Which part of the object this write can touch at all. */
function isInScope(path: FieldPath, subresource: string | undefined): boolean {
  const isStatus = path === 'f:status' || path.startsWith('f:status\n');
  return subresource === 'status' ? isStatus || path.startsWith('f:metadata\n') : !isStatus;
}

/**
 * After a write that is no apply: the writer owns what it changed, everybody loses what is gone or changed.
 * @param told the draft as far as the writer is responsible for it
 */
export function trackUpdate(draft: Wire, previous: Wire | undefined, writer: Writer, node: TypeNode, told: Wire = draft): void {
  const now = fieldsOf(told, node, true);
  const before = previous === undefined ? new Map<FieldPath, Wire>() : fieldsOf(previous, node, true);
  const changed = new Set<FieldPath>();
  const gone = new Set<FieldPath>();
  for (const [path, value] of now) {
    if (value === null && path === 'f:ports') continue;
    if (isInScope(path, writer.subresource) && !(before.has(path) && equalJson(before.get(path), value))) changed.add(path);
  }
  for (const path of before.keys()) if (!now.has(path)) gone.add(path);
  if (changed.size === 0 && gone.size === 0) return;
  const lost = new Set([...changed, ...gone]);
  const isWriter = (owner: Owner): boolean =>
    owner.operation === 'Update' && owner.manager === writer.manager && owner.apiVersion === writer.apiVersion && owner.subresource === writer.subresource;
  const owners = ownersOf(previous);
  const own = owners.find(isWriter);
  const kept = owners.filter((owner) => owner !== own).map((owner) => without(owner, lost, writer.time));
  const fields = new Set([...(own ? minus(own.fields, gone) : []), ...changed]);
  setOwners(draft, [...kept, { ...writer, operation: 'Update', fields }]);
}
