import type { MetricsReading } from '@shepherd/core';
import { type Analysis, createAnalysis } from '@shepherd/core/analysis';
import { medianOf, round } from './figures.js';

const start = Date.parse('2026-01-01T00:00:00Z');
const pods = 10;
const polls = 120;

/** Counters of ten pods, as a provider would give them over a rollout of half an hour. */
const readings = (bounds: number): readonly MetricsReading[] =>
  Array.from({ length: polls }, (_poll, i): MetricsReading => {
    const at = start + (i + 1) * 15_000;
    return {
      kind: 'counters',
      at: new Date(at).toISOString(),
      targets: Array.from({ length: pods }, (_pod, j) => ({
        track: j === 0 ? ('candidate' as const) : ('stable' as const),
        target: `web-5d9c7b-${j}`,
        requests: 150 * (i + 1),
        errors: 2 * (i + 1),
        slow: Array.from({ length: bounds }, (_bound, b) => (10 - 3 * b) * (i + 1)),
        startedAt: new Date(start + 1_000).toISOString(),
        sampledAt: new Date(at - 3_000 - 100 * j).toISOString(),
      })),
    };
  });

/** Of one poll of one app, microseconds of processor time, median of rollouts; and the bytes of the state at the end. */
export interface Speed {
  /** From the counts of the poll to the decision. */
  readonly judge: number;
  /** From the counters of ten pods to the decision. */
  readonly poll: number;
  /** And to the verdicts and the sentence. */
  readonly whole: number;
  readonly bytes: number;
}

export function measureSpeed(bounds: readonly number[]): Speed {
  const list = readings(bounds.length);
  const create = (): Analysis => createAnalysis({ options: {}, stageSeconds: 300, bornSince: new Date(start).toISOString(), latency: { compare: bounds } });
  const first = create();
  const increments = list.flatMap((reading) => {
    const { poll } = first.observe({ reading });
    return poll === undefined ? [] : [{ kind: 'poll' as const, poll: { ...poll, mixedWeights: false }, between: false }];
  });
  return {
    poll: timed(create, (analysis) => list.map((reading) => analysis.decide({ reading }))),
    whole: timed(create, (analysis) => list.map((reading) => analysis.observe({ reading }))),
    judge: timed(create, (analysis) => increments.map((increment) => analysis.step(increment))),
    bytes: JSON.stringify(first.snapshot()).length,
  };
}

function timed(create: () => Analysis, play: (analysis: Analysis) => readonly unknown[]): number {
  const times: number[] = [];
  for (let i = 0; i < 300; i += 1) {
    const analysis = create();
    const before = process.cpuUsage();
    const { length } = play(analysis);
    const { user, system } = process.cpuUsage(before);
    // The first ones warm the compiler up.
    if (i >= 100) times.push((user + system) / length);
  }
  return round(medianOf(times) ?? Number.NaN, 1);
}
