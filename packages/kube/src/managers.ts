import type { KubeObject } from './api/index.js';

/** Who owns a field, as the API server keeps it. */
export interface Manager {
  readonly manager: string;
  /** ISO 8601. */
  readonly time: string;
}

interface Entry {
  readonly manager?: string;
  readonly time?: string;
  readonly fieldsV1?: object;
}

const holds = (fields: unknown, [first, ...rest]: readonly string[]): boolean => {
  if (first === undefined) return true;
  const next = (fields as Readonly<Record<string, unknown>> | undefined)?.[`f:${first}`];
  return next !== undefined && holds(next, rest);
};

/** The managers of a field, the one that wrote last at the end (RR IS-3, LK-6). Servers and tools may leave them out. */
export function managersOf({ metadata }: KubeObject, path: readonly string[]): readonly Manager[] {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly Entry[] };
  return managedFields
    .filter(({ fieldsV1 }) => holds(fieldsV1, path))
    .map(({ manager = '', time = '' }) => ({ manager, time }))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
