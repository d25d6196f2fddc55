const show = (value: unknown): string => (value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing')).slice(0, 80);

/**
 * What is wrong with a value compared to a shape: every field of the shape must be there with its value, more fields may be. An empty list in the shape
 * means any list, a list of one means a list whose every entry fits. Undefined: nothing wrong.
 */
export function mismatch(value: unknown, shape: unknown, path = ''): string | undefined {
  const here = path === '' ? 'the body' : path;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${here} = ${show(value)}, expected a list`;
    const [first] = shape;
    return shape.length === 0
      ? undefined
      : value.map((each, index) => mismatch(each, shape[index] ?? first, `${path}[${index}]`)).find((wrong) => wrong !== undefined);
  }
  if (typeof shape === 'object' && shape !== null) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${here} = ${show(value)}, expected an object`;
    return Object.entries(shape)
      .map(([key, field]) => mismatch((value as Record<string, unknown>)[key], field, path === '' ? key : `${path}.${key}`))
      .find((wrong) => wrong !== undefined);
  }
  return value === shape ? undefined : `${here} = ${show(value)}, expected ${show(shape)}`;
}
