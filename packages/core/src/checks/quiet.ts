import { defineCheck } from '../extend/define-check.js';
import { type Duration, toMs } from '../words/duration.js';
import { fail, pass, type Verdict } from '../words/verdict.js';
import { askEveryPod } from './http.js';

const everyMs = 5_000;

/** No pod restarts, gets unready or answers its health path badly for a while (the guide's sixth verification). */
export const quietFor = defineCheck<{ readonly for: Duration; readonly path?: string | undefined }>({
  use: 'shepherd/quiet',
  describe: (input) => `no error for ${input.for}`,
  async run(input, context): Promise<Verdict> {
    const { clock, signal, inspect, track } = context;
    const until = clock.monotonicMs() + toMs(input.for);
    const before = await inspect();
    const path = input.path ?? (await context.healthPath());
    for (;;) {
      const now = await inspect();
      if (now === undefined || now.ready < now.replicas) return fail(`${now?.ready ?? 0} of ${now?.replicas ?? 0} pods of ${track} are ready`);
      if ((now.restarts ?? 0) > (before?.restarts ?? 0)) return fail(`a container of ${track} restarted`);
      const verdict = path === undefined ? pass() : await askEveryPod({ path }, context);
      if (verdict.kind !== 'pass') return verdict;
      const left = until - clock.monotonicMs();
      if (left <= 0) return pass(`no error for ${input.for}`);
      await clock.sleep(Math.min(everyMs, left), signal);
    }
  },
});
