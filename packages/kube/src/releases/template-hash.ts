import { createHash } from 'node:crypto';
import { isOurs, restartedAtAnnotation, templateHashLabel } from '../names.js';
import type { Labels, PodTemplate } from '../objects.js';

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined && field !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, canonical(field)]),
  );
};

const without = (labels: Labels | undefined, drop: (key: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !drop(key)));

/** By template and identity: what was read once is judged often, and nobody changes what was read. */
const known = new WeakMap<PodTemplate, Map<string, string>>();

/**
 * Names a release by its template, so that it has one name on stable, on the candidate, on either colour and on an old ReplicaSet: without the labels that say
 * which of them it is. `identity`: keys of the selectors of workload and Services. The template must hold the server's defaults.
 */
export function templateHash(template: PodTemplate, identity: ReadonlySet<string>): string {
  const hashes = known.get(template) ?? new Map<string, string>();
  known.set(template, hashes);
  const key = [...identity].sort().join(' ');
  const hash = hashes.get(key) ?? hashOf(template, identity);
  hashes.set(key, hash);
  return hash;
}

/** The same for templates that differ by a restart alone. */
export const releaseHash = (template: PodTemplate, identity: ReadonlySet<string>): string => hashOf(template, identity, (key) => key === restartedAtAnnotation);

function hashOf({ metadata, spec }: PodTemplate, identity: ReadonlySet<string>, ignored: (annotation: string) => boolean = () => false): string {
  const labels = without(metadata?.labels, (key) => identity.has(key) || key === templateHashLabel || isOurs(key));
  const annotations = without(metadata?.annotations, (key) => isOurs(key) || ignored(key));
  return createHash('sha256')
    .update(JSON.stringify(canonical({ labels, annotations, spec })))
    .digest('hex')
    .slice(0, 10);
}
