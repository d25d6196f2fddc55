/** Letters that cannot form words, as Kubernetes uses for generated names. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Ten letters that stand for a pod template: equal templates, equal letters; `collisions` tells apart two templates that met. */
export function templateHash(template: unknown, collisions = 0): string {
  const text = `${canonical(template)}\0${collisions === 0 ? '' : collisions}`;
  // two 32-bit FNV-1a sums from different seeds: enough letters, no dependency on node:crypto
  const sums = [fnv1a(text, 0x811c9dc5), fnv1a(text, 0x9747b28c)];
  return sums.map((sum) => letters(sum)).join('');
}

function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function letters(sum: number): string {
  let [left, out] = [sum, ''];
  for (let i = 0; i < 5; i++) {
    out += alphabet[left % alphabet.length];
    left = Math.floor(left / alphabet.length);
  }
  return out;
}

/** JSON with sorted keys; absent, null, empty map and empty list are one, as in the typed objects of Kubernetes. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)] as const)
    .filter(([, inner]) => inner !== undefined && inner !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Whether two pod templates are the same release: the label with the hash does not count. */
export const sameTemplate = (one: unknown, two: unknown): boolean => canonical(withoutHash(one)) === canonical(withoutHash(two));

export const hashLabel = 'pod-template-hash';

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
}

function withoutHash(template: unknown): unknown {
  const { metadata, ...rest } = (template ?? {}) as PodTemplate;
  const { [hashLabel]: _, ...labels } = metadata?.labels ?? {};
  return { ...rest, metadata: { ...metadata, labels } };
}
