import { type Policy, Sum, stagePolls } from './policy.js';

/** More than 5 % of the candidate's requests failed, at the end of the stage. */
export const guide: Policy = {
  name: 'guide',
  start: () => {
    const sum = new Sum();
    return {
      poll(c, s, x, y, { polls }) {
        sum.add(c, s, x, y);
        if (polls < stagePolls) return 'watch';
        const stage = sum.take();
        return stage.c > 0 && stage.x / stage.c > 0.05 ? 'rollback' : 'promote';
      },
    };
  },
};
