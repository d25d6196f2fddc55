const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Inf: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/** A sample as Prometheus writes it; undefined for what is none. `Number("+Inf")` would be NaN, and `Number("")` 0. */
export function parseValue(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  if (Object.hasOwn(named, text)) return named[text];
  return number.test(text) ? Number(text) : undefined;
}
