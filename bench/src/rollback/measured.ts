import { preciseNow } from '@shepherd/sandbox/load';
import { underLoad } from '../lab/index.js';
import { type Back, backOf } from './row.js';

const times = { beforeMs: 1_000, afterMs: 1_500 };

/** Runs a rollback under load. `left`: the version that is left. The decision falls when it begins, or when it says so. */
export async function measured(url: string, left: string, run: (decide: () => void) => Promise<unknown>): Promise<Back> {
  const { result, traffic } = await underLoad(
    url,
    async () => {
      let decidedAt = preciseNow();
      await run(() => {
        decidedAt = preciseNow();
      });
      return { decidedAt, endedAt: preciseNow() };
    },
    times,
  );
  return backOf(traffic, left, result.decidedAt, result.endedAt);
}
