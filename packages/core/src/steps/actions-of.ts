import { invalidOptions } from '../errors/shepherd-error.js';
import type { Actions } from '../ports/platform.js';
import type { StepRun } from './step-run.js';

/** What the plan was made with; a process that goes on with it may have another platform. */
export function actionsOf({ platform }: StepRun): Actions {
  if (platform.actions !== undefined) return platform.actions;
  throw invalidOptions([{ path: 'platform', got: platform.name, expected: 'a platform with actions' }]);
}
