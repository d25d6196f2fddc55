type Random = () => number;

const logFactorials = [0];
for (let k = 1; k < 256; k += 1) logFactorials.push((logFactorials[k - 1] as number) + Math.log(k));

/** What Stirling's formula for ln k! leaves. */
const tail = (k: number): number => {
  const n = k + 1;
  return (1 / 12 - (1 / 360 - 1 / 1_260 / (n * n)) / (n * n)) / n;
};

export const logFactorial = (k: number): number =>
  k < 256 ? (logFactorials[k] as number) : (k + 0.5) * Math.log(k + 1) - (k + 1) + 0.5 * Math.log(2 * Math.PI) + tail(k);

/** Exact: products of uniforms for a small mean, else transformed rejection (Hörmann 1993). */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean < 10) {
    const least = Math.exp(-mean);
    let product = random();
    let k = 0;
    for (; product > least; k += 1) product *= random();
    return k;
  }
  const [root, logMean] = [Math.sqrt(mean), Math.log(mean)];
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const quick = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= quick) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <= k * logMean - mean - logFactorial(k)) return k;
  }
}

/** Exact: inversion where few are expected, else transformed rejection (Hörmann 1993). */
export function binomial(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  return n * p < 10 ? inverted(random, n, p) : rejected(random, n, p);
}

function inverted(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  for (;;) {
    let left = random();
    let mass = (1 - p) ** n;
    for (let k = 0; k <= n; k += 1) {
      if (left < mass) return k;
      left -= mass;
      mass *= ((n - k) / (k + 1)) * odds;
    }
    // Rounding left a crumb: draw again.
  }
}

function rejected(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  const root = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * root;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const quick = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * root;
  const mode = Math.floor((n + 1) * p);
  const atMode = logFactorial(mode) + logFactorial(n - mode);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= quick) return k;
    const mass = atMode - logFactorial(k) - logFactorial(n - k) + (k - mode) * Math.log(odds);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= mass) return k;
  }
}

/** Mean 0, variance 1 (Box and Muller). */
export const gauss = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Gamma(4)/4: mean 1. */
export const gamma4 = (random: Random): number => {
  let sum = 0;
  for (let i = 0; i < 4; i += 1) sum -= Math.log(1 - random());
  return sum / 4;
};

/** 1, 2, 3 …; mean 3. */
export const geometric3 = (random: Random): number => 1 + Math.floor(Math.log(1 - random()) / Math.log(2 / 3));
