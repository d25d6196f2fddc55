import type { KubeObject } from '../api/index.js';
import { names } from '../names.js';
import { annotation } from '../objects.js';

/** What `hold` left on the object: the fields as they were, and as it made them; undefined: it is not held. */
export function noteOf<T>(object: KubeObject): T | undefined {
  try {
    const note: unknown = JSON.parse(annotation(object, names.original) ?? '');
    return typeof note === 'object' && note !== null ? (note as T) : undefined;
  } catch {
    return undefined;
  }
}

export const noted = (note: object): Record<string, string> => ({ [names.original]: JSON.stringify(note) });
export const unnoted: Readonly<Record<string, null>> = { [names.original]: null };
