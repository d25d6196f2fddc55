import { copyJson, isRecord, type Wire } from '../json.js';

/** JSON merge patch (RFC 7386): null deletes, objects merge, all else replaces. Leaves both arguments alone. */
export function mergePatch(target: Wire, patch: Wire): Wire {
  if (!isRecord(patch)) return copyJson(patch);
  const result: Record<string, Wire> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = mergePatch(result[field], value);
  }
  return result;
}
