import { table } from '../render/table.js';
import type { Run } from './run-release.js';

const thousands = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** The demo's result for people. */
export const demoTable = (runs: readonly Run[]): readonly string[] =>
  table(
    [
      ['strategy', 'release', 'outcome', 'requests', 'failed', 'seconds', 'traffic back in'],
      ...runs.map(({ strategy, release, outcome, requests, failed, seconds, rollbackSeconds }) => [
        strategy,
        release,
        outcome,
        thousands(requests),
        thousands(failed),
        seconds.toFixed(1),
        rollbackSeconds === null ? '-' : `${rollbackSeconds.toFixed(2)} s`,
      ]),
    ],
    [3, 4, 5, 6],
  );
