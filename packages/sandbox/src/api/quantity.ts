/** Kubernetes quantities: `500m`, `1.5Gi`, `2e3`. Calculated in thousandths as bigint, because floats lose bytes. */
const SHAPE = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
/** Nano is the finest that the format knows. */
const SCALE = 9;

interface Parsed {
  /** In 10⁻⁹. */
  readonly nano: bigint;
  readonly suffix: string;
}

function parse(text: string): Parsed | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign, digits = '', suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const binary = BINARY.indexOf(suffix);
  const exponent = binary >= 0 ? 0 : /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : (DECIMAL.indexOf(suffix) - 3) * 3;
  const power = SCALE + exponent - fraction.length;
  const mantissa = BigInt(`${whole}${fraction}` || '0') * 1024n ** BigInt(binary + 1);
  // Finer than nano is rounded up, as the real server does.
  const size = power >= 0 ? mantissa * 10n ** BigInt(power) : (mantissa + 10n ** BigInt(-power) - 1n) / 10n ** BigInt(-power);
  return { nano: sign === '-' ? -size : size, suffix };
}

export const isQuantity = (value: unknown): value is string | number =>
  (typeof value === 'string' && SHAPE.test(value)) || (typeof value === 'number' && Number.isFinite(value));

/** Below 0, 0 or above 0. @throws RangeError for what is no quantity */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = nanoOf(a) - nanoOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** As a number, for arithmetic where rounding does not matter (utilisation of an HPA). */
export const quantityToNumber = (value: string | number): number => Number(nanoOf(value)) / 1e9;

/** Canonical form: no fraction, the largest suffix that loses nothing, and the family of suffixes it had. `0.5` is `500m`, `1024Mi` is `1Gi`. */
export function canonicalQuantity(value: string | number): string {
  const parsed = need(value);
  if (parsed.nano === 0n) return '0';
  const unit = 10n ** BigInt(SCALE);
  if (BINARY.includes(parsed.suffix) && parsed.nano % unit === 0n) return binaryText(parsed.nano / unit);
  if (/^[eE]/.test(parsed.suffix) && parsed.suffix.length > 1) return exponentText(parsed.nano);
  return decimalText(parsed.nano);
}

function decimalText(nano: bigint): string {
  let step = 0;
  let rest = nano;
  while (step < DECIMAL.length - 1 && rest % 1000n === 0n) {
    rest /= 1000n;
    step += 1;
  }
  return `${rest}${DECIMAL[step]}`;
}

function exponentText(nano: bigint): string {
  let exponent = -SCALE;
  let rest = nano;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

function binaryText(whole: bigint): string {
  // Below one Ki the real server falls back to the decimal family.
  if (whole > -1024n && whole < 1024n) return `${whole}`;
  let step = -1;
  let rest = whole;
  while (step < BINARY.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    step += 1;
  }
  return `${rest}${step < 0 ? '' : BINARY[step]}`;
}

function need(value: string | number): Parsed {
  const parsed = parse(String(value));
  if (!parsed) throw new RangeError(`not a quantity [value=${value}]`);
  return parsed;
}

const nanoOf = (value: string | number): bigint => need(value).nano;
