import { minutePolls, type Policy, Sum, stagePolls } from './policy.js';

/** Each minute: with a hundred requests in the stage, twice stable's error share. */
export const ratio: Policy = {
  name: 'ratio',
  start: () => {
    let sum = new Sum();
    return {
      poll(c, s, x, y, { polls }) {
        if (polls === 1) sum = new Sum();
        sum.add(c, s, x, y);
        if (polls % minutePolls === 0 && sum.c >= 100 && sum.s > 0 && sum.x / sum.c > (2 * sum.y) / sum.s) return 'rollback';
        return polls < stagePolls ? 'watch' : 'promote';
      },
    };
  },
};

/** Each poll: the two-proportion z test at 5 %, as if one looked once. */
export const zPeek: Policy = {
  name: 'z-peek',
  start: () => {
    const sum = new Sum();
    return {
      poll(c, s, x, y, { polls }) {
        sum.add(c, s, x, y);
        const pooled = (sum.x + sum.y) / (sum.c + sum.s);
        const z = (sum.x / sum.c - sum.y / sum.s) / Math.sqrt(pooled * (1 - pooled) * (1 / sum.c + 1 / sum.s));
        if (z > 1.645) return 'rollback';
        return polls < stagePolls ? 'watch' : 'promote';
      },
    };
  },
};
