const named: Readonly<Record<string, number>> = { '+inf': Infinity, inf: Infinity, '-inf': -Infinity, nan: Number.NaN };

/** A number as Prometheus reads it. */
export function parseNumber(text: string): number | undefined {
  const word = named[text.toLowerCase()];
  if (word !== undefined) return word;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** A number as Prometheus writes it. */
export const formatNumber = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : Object.is(value, -0) ? '-0' : String(value);
