import { expect, test } from 'vitest';
import { binomial, gamma4, gauss, geometric3, logFactorial, poisson } from './draw.js';
import { mulberry32 } from './mulberry32.js';

const draws = 40_000;

/** Largest gap between what was drawn and the law; above 2 / √draws is one chance in a thousand. */
function gap(draw: () => number, logMass: (k: number) => number, most: number): number {
  const seen = new Map<number, number>();
  for (let i = 0; i < draws; i += 1) {
    const k = draw();
    seen.set(k, (seen.get(k) ?? 0) + 1);
  }
  let [law, got, worst] = [0, 0, 0];
  for (let k = 0; k <= most; k += 1) {
    law += Math.exp(logMass(k));
    got += (seen.get(k) ?? 0) / draws;
    worst = Math.max(worst, Math.abs(law - got));
  }
  return worst;
}

test.each([0.3, 4, 9.9, 10.1, 60, 1_500])('Poisson counts of mean %f follow their law', (mean) => {
  const random = mulberry32(1);
  expect(
    gap(
      () => poisson(random, mean),
      (k) => k * Math.log(mean) - mean - logFactorial(k),
      Math.ceil(mean * 3 + 30),
    ),
  ).toBeLessThan(2 / Math.sqrt(draws));
});

test.each([
  [15, 0.01],
  [150, 0.05],
  [150, 0.1],
  [13_500, 0.001],
  [13_500, 0.01],
  [400, 0.9],
] as const)('binomial counts of %i, %f follow their law', (n, p) => {
  const random = mulberry32(2);
  const mass = (k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log(1 - p);
  expect(gap(() => binomial(random, n, p), mass, n)).toBeLessThan(2 / Math.sqrt(draws));
});

test('the others have their means and spreads', () => {
  const random = mulberry32(3);
  const moments = (draw: () => number): readonly [number, number] => {
    const list = Array.from({ length: draws }, draw);
    const mean = list.reduce((a, b) => a + b) / draws;
    return [mean, list.reduce((a, b) => a + (b - mean) ** 2, 0) / draws];
  };
  const near = (got: readonly [number, number], mean: number, variance: number): void => {
    expect(Math.abs(got[0] - mean)).toBeLessThan(0.06);
    expect(Math.abs(got[1] / variance - 1)).toBeLessThan(0.06);
  };
  near(
    moments(() => gauss(random)),
    0,
    1,
  );
  near(
    moments(() => gamma4(random)),
    1,
    0.25,
  );
  near(
    moments(() => geometric3(random)),
    3,
    6,
  );
});

test('ln k! goes on smoothly where the table ends', () => {
  expect(Math.abs(logFactorial(256) - logFactorial(255) - Math.log(256))).toBeLessThan(1e-9);
});
