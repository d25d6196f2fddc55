import type { Issue } from '@shepherd/core';
import type { PlanFlags } from './flags.js';

/** Flags of the guide whose part is not built: refused, so that nobody believes they worked. */
export function unbuiltIssues({ values, chart, errorThreshold, revision, rollback }: PlanFlags): readonly Issue[] {
  const no = (path: string, got: unknown, expected: string): Issue => ({ path, got: JSON.stringify(got), expected });
  return [
    ...(values === undefined ? [] : [no('--values', values.join(' '), 'no value files: charts (helm) are not built yet; name the version with --image')]),
    ...(chart === undefined ? [] : [no('--chart', chart, 'no chart: charts (helm) are not built yet; name the version with --image')]),
    ...(errorThreshold === undefined
      ? []
      : [no('--error-threshold', errorThreshold, 'no threshold: judging by metrics is not built yet; --no-analysis goes by health checks and pods')]),
    ...(revision === undefined
      ? []
      : [no('--revision', revision, 'a hash with --to (see rollback --list): revision numbers are those of helm, not built yet')]),
    ...(rollback === true ? [no('--rollback', true, 'the command rollback: shepherd rollback APP')] : []),
  ];
}
