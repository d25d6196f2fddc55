import { type ChartObject, nameOf } from './objects.js';

const maxLines = 30;
const maxValue = 60;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > maxValue ? `${text.slice(0, maxValue - 1)}…` : text;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Items of a list by their `name`, where all have one: `containers[web]`. */
const named = (list: readonly unknown[]): Readonly<Record<string, unknown>> | undefined =>
  list.every((item) => isObject(item) && typeof item['name'] === 'string')
    ? Object.fromEntries(list.map((item) => [(item as { readonly name: string }).name, item]))
    : undefined;

function differences(before: unknown, after: unknown, path: string, secret: boolean): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(before[key], after[key], path === '' ? key : `${path}.${key}`, secret),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [a, b] = [named(before), named(after)];
    if (a !== undefined && b !== undefined)
      return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => differences(a[key], b[key], `${path}[${key}]`, secret));
  }
  return [secret ? `${path} changes` : `${path}: ${shown(before)} → ${shown(after)}`];
}

const keyOf = (object: ChartObject): string => `${nameOf(object)} ${object.metadata?.namespace ?? ''}`;

/** What becomes of each object between two manifests, a line a field; of Secrets the names of what changes alone. Pure. */
export function changesOf(before: readonly ChartObject[], after: readonly ChartObject[]): readonly string[] {
  const [old, now] = [new Map(before.map((each) => [keyOf(each), each])), new Map(after.map((each) => [keyOf(each), each]))];
  const lines = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)];
    if (a === undefined) return [`adds ${nameOf(b as ChartObject)}`];
    if (b === undefined) return [`deletes ${nameOf(a)}`];
    return differences(a, b, '', a.kind === 'Secret').map((line) => `changes ${nameOf(a)}: ${line}`);
  });
  return lines.length <= maxLines ? lines : [...lines.slice(0, maxLines), `and ${lines.length - maxLines} more changes`];
}

/** ConfigMaps and Secrets that change while no pod template does: pods go on with what they have read. Pure. */
export function unseenConfig(before: readonly ChartObject[], after: readonly ChartObject[], podsChange: boolean): readonly string[] {
  if (podsChange) return [];
  const old = new Map(before.map((each) => [keyOf(each), JSON.stringify(each)]));
  return after
    .filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')
    .filter((each) => old.has(keyOf(each)) && old.get(keyOf(each)) !== JSON.stringify(each))
    .map(nameOf);
}
