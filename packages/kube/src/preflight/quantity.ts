const units: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity of Kubernetes (`500m`, `1.5Gi`, `2e3`) as a number; NaN for what is none. Pure. */
export function amountOf(quantity: string | number | undefined): number {
  if (typeof quantity === 'number') return quantity;
  const [, digits, suffix = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(quantity ?? '') ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * (units[suffix] ?? Number.NaN);
}

/** For people, in the unit that the resource is written in: `1.5Gi`, `500m`. Pure. */
export function amountText(resource: string, amount: number): string {
  if (!/memory|storage/.test(resource)) return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1_000)}m`;
  const unit = (['Gi', 'Mi', 'Ki'] as const).find((each) => Math.abs(amount) >= (units[each] ?? 1));
  return unit === undefined ? String(amount) : `${Math.round((amount / (units[unit] ?? 1)) * 100) / 100}${unit}`;
}
