import { interval, medianOf, round } from './figures.js';
import { type LatencyCell, type LatencyTallied, nameOfLatency } from './run-latency.js';

/** The latency comparison in one cell; shares in percent. */
export interface LatencyRow {
  readonly cell: string;
  readonly policy: 'latency';
  readonly rps: number;
  readonly factor: number;
  readonly late: number;
  readonly rollouts: number;
  readonly back: number;
  readonly between: readonly [number, number];
  readonly secondsToRollback: number | null;
}

export const latencyRowOf = (cell: LatencyCell, { rollouts, backAfter }: LatencyTallied): LatencyRow => ({
  cell: nameOfLatency(cell),
  policy: 'latency',
  rps: cell.rps,
  factor: cell.factor,
  late: cell.late,
  rollouts,
  back: round((100 * backAfter.length) / rollouts),
  between: interval(backAfter.length, rollouts),
  secondsToRollback: medianOf(backAfter),
});
