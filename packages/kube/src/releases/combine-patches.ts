/** Lists whose entries a strategic merge tells apart by a key; of a template, as far as releases touch them. */
const keyOf: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
};

/**
 * Two strategic merges as one, or a merge into a whole template: objects field by field, entries of the known lists by their key, anything else as `b` says. A
 * null of `b` stays, because it asks the server to delete. Pure.
 */
export function combinePatches<T>(a: T, b: unknown): T {
  if (!isRecord(a) || !isRecord(b)) return b as T;
  const combined: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const have = combined[key];
    const by = keyOf[key];
    combined[key] =
      by !== undefined && Array.isArray(have) && Array.isArray(value)
        ? combineLists(have, value, by)
        : isRecord(have) && isRecord(value)
          ? combinePatches(have, value)
          : value;
  }
  return combined as T;
}

function combineLists(a: readonly unknown[], b: readonly unknown[], by: string): readonly unknown[] {
  const combined = [...a];
  for (const each of b) {
    const at = isRecord(each) ? combined.findIndex((other) => isRecord(other) && other[by] === each[by]) : -1;
    if (at === -1) combined.push(each);
    else combined[at] = combinePatches(combined[at], each);
  }
  return combined;
}

/** A template as it would be stored: what a merge asked to delete is left out. */
export function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field)]),
  ) as T;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
