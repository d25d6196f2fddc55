import type { Scenario } from '../scenario.js';
import { access } from './access.js';
import { autoscalers } from './autoscalers.js';
import { defaulting } from './defaulting.js';
import { deletes } from './deletes.js';
import { endpoints } from './endpoints.js';
import { garbage } from './garbage.js';
import { lifecycle } from './lifecycle.js';
import { reads } from './reads.js';
import { rollouts } from './rollouts.js';
import { validation } from './validation.js';
import { writes } from './writes.js';

/** Everything that the sandbox is asked beside a real cluster; first what waits longest. */
export const scenarios: readonly Scenario[] = [
  ...lifecycle,
  ...autoscalers,
  ...endpoints,
  ...garbage,
  ...rollouts,
  ...defaulting,
  ...validation,
  ...writes,
  ...deletes,
  ...reads,
  ...access,
];
