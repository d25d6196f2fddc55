import { type Policy, stagePolls } from './policy.js';

const decisive = Math.log(100);

/** The best there could be: it knows how bad the candidate is, and since when, and asks only whether. */
export const oracle: Policy = {
  name: 'oracle',
  start: ({ base, bad, late }) => {
    const worse = Math.min(0.9, base * bad);
    const psi = (worse / (1 - worse)) * ((1 - base) / base);
    let sum = 0;
    return {
      poll(c, s, x, y, { stage, polls }) {
        if (bad > 1 && c > 0 && s > 0 && !(late && stage === 0)) {
          const rho = c / (c + s);
          sum += x * Math.log(psi) - (x + y) * Math.log(1 - rho + rho * psi);
          if (sum >= decisive) return 'rollback';
        }
        return polls < stagePolls ? 'watch' : 'promote';
      },
    };
  },
};
