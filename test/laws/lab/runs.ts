import type fc from 'fast-check';

/**
 * Runs of a property by default, times SHEPHERD_PROPERTY_RUNS (1). A failure prints seed and path: SHEPHERD_PROPERTY_SEED (vitest.seed.ts) and SHEPHERD_PROPERTY_PATH
 * play it again, SHEPHERD_PROPERTY_SHRINK=1 looks for a smaller one, which takes minutes.
 */
export function runs(usual: number): Pick<fc.Parameters<unknown>, 'numRuns' | 'endOnFailure' | 'path'> {
  const { SHEPHERD_PROPERTY_RUNS: times = '1', SHEPHERD_PROPERTY_PATH: path, SHEPHERD_PROPERTY_SHRINK: shrink } = process.env;
  return {
    numRuns: Math.max(1, Math.round(usual * Number(times))),
    endOnFailure: shrink === undefined,
    ...(path === undefined ? {} : { path }),
  };
}
