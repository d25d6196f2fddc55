import { toMs } from '../words/duration.js';
import { fail, pass } from '../words/verdict.js';
import type { Runner } from './step-run.js';

export const wait: Runner<'wait'> = async (step, run) => {
  const skipped = await run.dwell(toMs(step.for));
  return pass(skipped ? 'the waiting that was left was skipped' : `waited ${step.for}`);
};

export const approve: Runner<'approve'> = async (step, run) => {
  const { timeout, onTimeout, message = 'go on?' } = step.options;
  const until = new Date(run.clock.now().getTime() + toMs(timeout)).toISOString();
  const { approved, reason } = await run.answer(until, onTimeout, message);
  return approved ? pass(reason) : fail(reason);
};
