import { pass } from '../words/verdict.js';
import { actionsOf } from './actions-of.js';
import type { Runner } from './step-run.js';

/** Stable wants so many pods from here on. */
export const resize: Runner<'resize'> = async ({ replicas }, run) => {
  await actionsOf(run).scale(run.write(), replicas);
  return pass(`stable wants ${replicas} pods`);
};
