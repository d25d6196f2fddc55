import { runChecks } from './check-list.js';
import type { Runner } from './step-run.js';

export const smoke: Runner<'smoke'> = (step, run) => runChecks(step.checks, step.track, run, step.timeout ?? '2m');
export const verify: Runner<'verify'> = (step, run) => runChecks(step.checks, step.track, run, step.timeout ?? '5m');
