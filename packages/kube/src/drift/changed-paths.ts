import { isOurs, templateHashLabel } from '../names.js';

const most = 5;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const nameOf = (value: unknown): string | undefined => (isObject(value) && typeof value['name'] === 'string' ? value['name'] : undefined);

/** Where two values differ, as paths without the values, which may be secret; items with a name go by it. Pure. */
function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== templateHashLabel && !isOurs(key));
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every((item) => nameOf(item) !== undefined)) {
    const named = [...new Set([...before, ...after].map((item) => nameOf(item) as string))];
    const of = (list: readonly unknown[], name: string): unknown => list.find((item) => nameOf(item) === name);
    return named.flatMap((name) => differences(of(before, name), of(after, name), `${path}[${name}]`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

/** The fields in which two templates differ, at most five: `spec.containers[web].image`. */
export function changedPaths(before: unknown, after: unknown): readonly string[] {
  const all = differences(before, after, '');
  return all.length > most ? [...all.slice(0, most), `and ${all.length - most} more`] : all;
}
