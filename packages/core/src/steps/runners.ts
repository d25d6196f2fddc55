import type { Step } from '../plan/step.js';
import type { Verdict } from '../words/verdict.js';
import { analyse } from './analyse.js';
import { apply } from './apply.js';
import { custom } from './custom.js';
import { evict } from './evict.js';
import { promote, restore, roll } from './promote.js';
import { ready } from './ready.js';
import { resize } from './resize.js';
import { retire } from './retire.js';
import { scale } from './scale.js';
import { shift } from './shift.js';
import { smoke, verify } from './smoke.js';
import type { Runner, StepRun } from './step-run.js';
import { approve, wait } from './wait.js';

const runners: { readonly [K in Step['kind']]: Runner<K> } = {
  apply,
  scale,
  ready,
  smoke,
  verify,
  shift,
  analyse,
  promote,
  resize,
  evict,
  roll,
  retire,
  restore,
  custom,
  approve,
  wait,
};

/** Runs one step with the code of its kind. */
export const runStep = (step: Step, run: StepRun): Promise<Verdict> => (runners[step.kind] as Runner<Step['kind']>)(step as never, run);
