import type { Issue } from '@shepherd/core';
import type { PlanFlags } from './flags.js';

/** Flags of the guide whose part is not built: refused, so that nobody believes they worked. */
export function unbuiltIssues({ revision, rollback }: Pick<PlanFlags, 'revision' | 'rollback'>): readonly Issue[] {
  const no = (path: string, got: unknown, expected: string): Issue => ({ path, got: JSON.stringify(got), expected });
  return [
    ...(revision === undefined ? [] : [no('--revision', revision, 'the command rollback: shepherd rollback APP --revision NUMBER')]),
    ...(rollback === true ? [no('--rollback', true, 'it with deploy and nothing to release beside it, as shepherd rollback APP')] : []),
  ];
}
