import { ShepherdError } from '../errors/shepherd-error.js';
import type { StepContext } from '../extend/define-step.js';
import { untilAborted } from '../internal/until-aborted.js';
import { refuseSaved } from '../journal/room.js';
import type { Step } from '../plan/step.js';
import { refuse } from '../strategies/options.js';
import { toMs } from '../words/duration.js';
import { secretIssues } from '../words/secrets.js';
import { fail, pass, type Verdict } from '../words/verdict.js';
import type { Runner, StepRun } from './step-run.js';

type Custom = Extract<Step, { kind: 'custom' }>;
const attempts = 5;
const betweenMs = 2_000;

/** Of a step going back, what it saved stands under the index that it had going forward. */
const savedKey = (step: Custom): string => JSON.stringify([step.target, step.step]);

async function contextOf(step: Custom, run: StepRun, signal: AbortSignal): Promise<StepContext<unknown>> {
  const context = { ...run.read(), signal };
  const key = savedKey(step);
  return {
    ...context,
    target: await run.target(),
    track: 'candidate',
    http: run.platform.http(context),
    healthPath: async () => run.platform.healthPath?.(context),
    inspect: async () => (await run.platform.tracks.inspect(context)).candidate,
    saved: run.record().saved[key] as never,
    save: async (state) => {
      const saved = { ...run.record().saved, [key]: state };
      refuse(secretIssues(`${step.step.use} saves`, state), 'save the name of the Secret, not what is in it');
      refuseSaved(saved, step.step.use);
      await run.commit({ saved });
    },
    progress: run.progress,
  };
}

export const custom: Runner<'custom'> = async (step, run) => {
  const code = run.registry.code(step.step);
  const input = await run.registry.input(step.step);
  const limit = new AbortController();
  const timer = new AbortController();
  const signal = AbortSignal.any([run.signal, limit.signal]);
  void run.clock.sleep(toMs(code.timeout), timer.signal).then(
    () => limit.abort(new Error(`not within ${code.timeout}`)),
    () => undefined,
  );
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const context = await contextOf(step, run, signal);
        if (step.direction === 'undo') {
          await untilAborted(Promise.resolve(code.undo?.(input, context)), signal);
          return pass(`${step.step.use} is undone`);
        }
        return ((await untilAborted(code.run(input, context), signal)) as Verdict | undefined) ?? pass();
      } catch (error) {
        run.signal.throwIfAborted();
        if (limit.signal.aborted) return fail(`${step.step.use} did not end within ${code.timeout}`);
        if (!ShepherdError.is(error) || !error.retryable || attempt === attempts)
          return fail(`${step.step.use}: ${error instanceof Error ? error.message : String(error)}`);
        await run.clock.sleep(betweenMs, signal);
      }
    }
  } finally {
    timer.abort();
  }
};
