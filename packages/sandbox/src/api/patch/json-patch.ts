import { copyJson, equalJson, isRecord, type Wire } from '../json.js';

export interface JsonPatchOperation {
  readonly op: 'add' | 'copy' | 'move' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: Wire;
}

/** An operation that does not fit the document, or a `test` that fails. */
export class JsonPatchError extends Error {}

const parts = (pointer: string): string[] => {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new JsonPatchError(`no JSON pointer: ${pointer}`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
};

function indexIn(list: readonly Wire[], part: string, mayBeEnd: boolean): number {
  if (part === '-' && mayBeEnd) return list.length;
  const index = /^(0|[1-9]\d*)$/.test(part) ? Number(part) : Number.NaN;
  if (!(index < list.length || (mayBeEnd && index === list.length))) throw new JsonPatchError(`no such index: ${part}`);
  return index;
}

function step(at: Wire, part: string): Wire {
  if (Array.isArray(at)) return at[indexIn(at, part, false)];
  if (!isRecord(at) || !Object.hasOwn(at, part)) throw new JsonPatchError(`nothing at: ${part}`);
  return at[part];
}

const read = (document: Wire, pointer: string): Wire => parts(pointer).reduce(step, document);

function add(document: Wire, pointer: string, value: Wire): Wire {
  const path = parts(pointer);
  const last = path.pop();
  if (last === undefined) return value;
  const parent = path.reduce(step, document);
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last, true), 0, value);
  else if (isRecord(parent)) parent[last] = value;
  else throw new JsonPatchError(`nothing can be added at: ${pointer}`);
  return document;
}

function remove(document: Wire, pointer: string): void {
  const path = parts(pointer);
  const last = path.pop();
  if (last === undefined) throw new JsonPatchError('the whole document cannot be removed');
  const parent = path.reduce(step, document);
  step(parent, last);
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last, false), 1);
  else delete parent[last];
}

function replace(document: Wire, pointer: string, value: Wire): Wire {
  const path = parts(pointer);
  const last = path.pop();
  if (last === undefined) return value;
  const parent = path.reduce(step, document);
  if (Array.isArray(parent)) parent[indexIn(parent, last, false)] = value;
  // RFC 6902 wants the field to be there; the library of the real server does not, and clients rely on it where Go leaves out a zero.
  else if (isRecord(parent)) parent[last] = value;
  else throw new JsonPatchError(`nothing to replace at: ${pointer}`);
  return document;
}

function apply(document: Wire, operation: JsonPatchOperation): Wire {
  const { op, path, from = '', value } = operation;
  switch (op) {
    case 'add':
      return add(document, path, copyJson(value ?? null));
    case 'replace':
      return replace(document, path, copyJson(value ?? null));
    case 'remove':
      remove(document, path);
      return document;
    case 'copy':
      return add(document, path, copyJson(read(document, from)));
    case 'move': {
      if (path.startsWith(`${from}/`)) throw new JsonPatchError(`cannot move ${from} into itself`);
      const moved = read(document, from);
      remove(document, from);
      return add(document, path, moved);
    }
    case 'test': {
      const found = value === null || value === undefined ? readOrNull(document, path) : read(document, path);
      if (!equalJson(found, value ?? null)) throw new JsonPatchError(`testing value ${path} failed`);
      return document;
    }
    default:
      throw new JsonPatchError(`unexpected kind: ${String(op)}`);
  }
}

/** A missing field is null to `test`, as in the library of the real server. */
function readOrNull(document: Wire, pointer: string): Wire {
  try {
    return read(document, pointer);
  } catch {
    return null;
  }
}

/** JSON Patch (RFC 6902), all or nothing; leaves the document alone. @throws JsonPatchError */
export const jsonPatch = (document: Wire, operations: readonly JsonPatchOperation[]): Wire => operations.reduce(apply, copyJson(document));
