import type { Issue } from '../errors/error-facts.js';

/** What a stored value should be. @returns the first thing that is wrong with it */
export type Shape = (value: unknown, path: string) => Issue | undefined;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const shapeOf =
  (expected: string, is: (value: unknown) => boolean): Shape =>
  (value, path) =>
    is(value) ? undefined : { path, got: shown(value), expected };

export const anything: Shape = () => undefined;
export const text = shapeOf('a text', (value) => typeof value === 'string');
export const name = shapeOf('a text that is not empty', (value) => typeof value === 'string' && value !== '');
export const flag = shapeOf('true or false', (value) => typeof value === 'boolean');
export const time = shapeOf('a time such as 2026-01-01T00:00:00.000Z', (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)));
export const number = shapeOf('a number', (value) => typeof value === 'number' && Number.isFinite(value));

/** JSON has no infinity and writes null for it. */
export const amount = shapeOf('a number', (value) => value === null || (typeof value === 'number' && Number.isFinite(value)));

export const whole = (from: number, to = Number.MAX_SAFE_INTEGER): Shape =>
  shapeOf(
    to === Number.MAX_SAFE_INTEGER ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to,
  );

export const oneOf = (...values: readonly string[]): Shape => shapeOf(`one of ${values.join(', ')}`, (value) => values.includes(value as string));

export const maybe =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined ? undefined : shape(value, path);

export const list =
  (shape: Shape, { filled = false }: { readonly filled?: boolean } = {}): Shape =>
  (value, path) => {
    if (!Array.isArray(value) || (filled && value.length === 0)) return { path, got: shown(value), expected: filled ? 'a list that is not empty' : 'a list' };
    for (const [index, each] of value.entries()) {
      const issue = shape(each, `${path}[${index}]`);
      if (issue !== undefined) return issue;
    }
    return undefined;
  };

/** An object whose values are all of a shape. */
export const values =
  (shape: Shape): Shape =>
  (value, path) => {
    const issue = object({})(value, path);
    if (issue !== undefined) return issue;
    for (const [key, each] of Object.entries(value as object)) {
      const wrong = shape(each, path === '' ? key : `${path}.${key}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };

/** An object with at least these fields; what else it has is somebody else's. */
export const object =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { path, got: shown(value), expected: 'an object' };
    for (const [key, shape] of Object.entries(fields)) {
      const issue = shape((value as Readonly<Record<string, unknown>>)[key], path === '' ? key : `${path}.${key}`);
      if (issue !== undefined) return issue;
    }
    return undefined;
  };

/** An object whose shape its `kind` (or `type`) says. */
export const tagged =
  (tag: string, shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, path) => {
    const issue = object({ [tag]: oneOf(...Object.keys(shapes)) })(value, path);
    if (issue !== undefined) return issue;
    return (shapes[(value as Readonly<Record<string, string>>)[tag] as string] as Shape)(value, path);
  };
