const effects = [1.4, 2, 3.5, 7, 16, 50];
const prior = 0.8;
const hazard = 1 / 40;

/**
 * ln E of AN 4.2 (3), written down once more, straight from the formula and in plain numbers: no noise, no clip, no materiality. The bench asks it whether the inequality
 * that all rests on holds, and so does not ask the code that it measures.
 */
export function bareEvidence(): (c: number, s: number, x: number, y: number) => number {
  let reserve = 1 - prior;
  const bets = effects.map(() => prior / effects.length);
  return (c, s, x, y) => {
    if (c > 0 && s > 0) {
      const rho = c / (c + s);
      const starting = reserve * hazard;
      reserve -= starting;
      for (const [j, psi] of effects.entries()) {
        bets[j] = ((bets[j] as number) + starting / effects.length) * Math.exp(x * Math.log(psi) - (x + y) * Math.log(1 - rho + rho * psi));
      }
    }
    return Math.log(reserve + bets.reduce((a, b) => a + b, 0));
  };
}
