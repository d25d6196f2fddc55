import type { PatchType } from './kube-api.js';

/**
 * Whether an object already is what a write asked for; asked after a lost answer, when the conflict may be with our own first try (KC 2). Says no in doubt
 * (patch directives, appended list items), which costs an error and never a wrong success.
 */
export function isSettled(type: PatchType | 'create' | 'replace', wanted: unknown, current: unknown): boolean {
  if (type === 'json') return Array.isArray(wanted) && wanted.every((operation) => isOperationSettled(operation, current));
  return contains(current, withoutVersion(wanted), type === 'strategic');
}

function withoutVersion(wanted: unknown): unknown {
  if (!isRecord(wanted)) return wanted;
  const { status: _status, ...rest } = wanted;
  if (!isRecord(rest['metadata'])) return rest;
  const { resourceVersion: _version, managedFields: _fields, ...metadata } = rest['metadata'];
  return { ...rest, metadata };
}

function contains(current: unknown, wanted: unknown, byName: boolean): boolean {
  if (wanted === undefined || wanted === null) return isEmpty(current);
  if (Array.isArray(wanted)) return wanted.length === 0 ? isEmpty(current) : Array.isArray(current) && containsItems(current, wanted, byName);
  if (!isRecord(wanted)) return current === wanted;
  // An empty mapping asks for nothing, and the server may have filled it.
  if (Object.keys(wanted).length === 0) return current === undefined || isRecord(current);
  if (!isRecord(current)) return false;
  return Object.entries(wanted).every(([key, value]) => !key.startsWith('$') && contains(current[key], value, byName));
}

function containsItems(current: readonly unknown[], wanted: readonly unknown[], byName: boolean): boolean {
  if (byName && wanted.every((item) => isRecord(item) && typeof item['name'] === 'string'))
    return wanted.every((item) => current.some((have) => isRecord(have) && have['name'] === (item as { name: string }).name && contains(have, item, byName)));
  return current.length === wanted.length && wanted.every((item, i) => contains(current[i], item, byName));
}

function isOperationSettled(operation: unknown, current: unknown): boolean {
  if (!isRecord(operation) || typeof operation['path'] !== 'string') return false;
  const keys = operation['path']
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.at(-1);
  const parent = keys.slice(0, -1).reduce<unknown>((at, key) => childOf(at, key), current);
  switch (operation['op']) {
    case 'test':
      return true;
    case 'add':
    case 'replace':
      return last !== undefined && last !== '-' && contains(childOf(parent, last), operation['value'], false);
    case 'remove':
      return last !== undefined && !Array.isArray(parent) && childOf(parent, last) === undefined;
    default:
      return false;
  }
}

const childOf = (at: unknown, key: string): unknown => (Array.isArray(at) ? at[Number(key)] : isRecord(at) ? at[key] : undefined);

/** The server leaves out what is empty. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
