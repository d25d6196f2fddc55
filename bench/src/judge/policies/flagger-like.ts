import { minutePolls, type Policy, Sum } from './policy.js';

/** Each minute is well with requests and at least this success rate; five failures, never forgotten, take it back; a stage ends after five minutes that were well, or ten. */
export const flaggerLike = (percent: number): Policy => ({
  name: `Flagger-like ${percent}`,
  start: () => {
    const sum = new Sum();
    let [failed, well, stage] = [0, 0, 0];
    return {
      poll(c, s, x, y, at) {
        if (at.stage !== stage) [stage, well] = [at.stage, 0];
        sum.add(c, s, x, y);
        if (at.polls % minutePolls !== 0) return 'watch';
        const minute = sum.take();
        if (minute.c > 0 && 1 - minute.x / minute.c >= percent / 100) well += 1;
        else failed += 1;
        if (failed >= 5) return 'rollback';
        return well >= 5 || at.last ? 'promote' : 'watch';
      },
    };
  },
});
