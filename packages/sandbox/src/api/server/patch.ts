import { isRecord, type Wire } from '../json.js';
import { JsonPatchError, jsonPatch } from '../patch/json-patch.js';
import { mergePatch } from '../patch/merge-patch.js';
import { StrategicMergeError, strategicMerge } from '../patch/strategic-merge.js';
import type { TypeNode } from '../schema/schema.js';
import { badRequest, StatusError } from '../status-error.js';
import { mediaTypeOf } from './body.js';
import type { Incoming } from './incoming.js';

export type PatchKind = 'apply' | 'json' | 'merge' | 'strategic';

const KINDS: Readonly<Record<string, PatchKind>> = {
  'application/apply-patch+yaml': 'apply',
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** @throws StatusError 415 */
export function patchKindOf(request: Incoming): PatchKind {
  const kind = KINDS[mediaTypeOf(request)];
  if (!kind) throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  return kind;
}

/** Go's way to print what was decoded from JSON, for messages. */
export function goText(value: Wire): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((field) => `${field}:${goText(value[field])}`).join(' ')}]`;
}

/** The object after the patch, not yet checked. @throws StatusError in the words of the real server */
export function patched(current: Wire, kind: PatchKind, body: Wire, node: TypeNode): Wire {
  if (kind === 'json') return jsonPatched(current, body);
  if (!isRecord(body))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
    );
  if (kind === 'merge') return mergePatch(current, body);
  try {
    return strategicMerge(current, body, node);
  } catch (error) {
    if (error instanceof StrategicMergeError) throw new StatusError(500, '', error.message);
    throw error;
  }
}

function jsonPatched(current: Wire, body: Wire): Wire {
  if (!Array.isArray(body))
    throw badRequest(`error decoding patch: json: cannot unmarshal ${isRecord(body) ? 'object' : typeof body} into Go value of type []handlers.jsonPatchOp`);
  try {
    return jsonPatch(current, body);
  } catch (error) {
    // The real server does not say what was wrong.
    if (error instanceof JsonPatchError) throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    throw error;
  }
}
