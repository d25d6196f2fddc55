import { minutePolls, type Policy, Sum, stagePolls } from './policy.js';

/** Each minute: a success rate below `min`, or no requests at all, is a failure; the fourth of the rollout takes it back. */
export const argoLike = (percent: number): Policy => ({
  name: `Argo-like ${percent}`,
  start: () => {
    const sum = new Sum();
    let failed = 0;
    return {
      poll(c, s, x, y, { polls }) {
        sum.add(c, s, x, y);
        if (polls % minutePolls === 0) {
          const minute = sum.take();
          if (!(1 - minute.x / minute.c >= percent / 100)) failed += 1;
          if (failed > 3) return 'rollback';
        }
        return polls < stagePolls ? 'watch' : 'promote';
      },
    };
  },
});
