import { pass } from '../words/verdict.js';
import { actionsOf } from './actions-of.js';
import type { Runner } from './step-run.js';

/** One pod goes, as the budgets of the app allow; another is made in its place. One that is gone was evicted. */
export const evict: Runner<'evict'> = async ({ pod }, run) => {
  await actionsOf(run).evict(run.write(), pod);
  return pass(`pod ${pod} was evicted`);
};
