import type { Counter, Gauge, Histogram, Meter, UpDownCounter } from '@opentelemetry/api';

/** Seconds from a second to hours, since a rollout takes minutes. */
const explicitBucketBoundaries = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400];

/** All that is measured. Durations are seconds; waits for people and gates are apart, so that they do not count as work. */
export interface Instruments {
  readonly runDuration: Histogram;
  readonly runActive: UpDownCounter;
  readonly runErrors: Counter;
  readonly stepDuration: Histogram;
  readonly pauseDuration: Histogram;
  readonly rollbackDuration: Histogram;
  readonly lockWait: Histogram;
  readonly weight: Gauge;
  readonly samples: Counter;
  readonly deliveries: Counter;
}

export function makeInstruments(meter: Meter): Instruments {
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } });
  return {
    runDuration: seconds('cicd.pipeline.run.duration', 'Duration of a rollout, from its begin to its end'),
    runActive: meter.createUpDownCounter('cicd.pipeline.run.active', { unit: '{run}', description: 'Rollouts that this process drives now' }),
    runErrors: meter.createCounter('cicd.pipeline.run.errors', { unit: '{error}', description: 'Rollouts that failed, by what failed' }),
    stepDuration: seconds('shepherd.step.duration', 'Duration of a step'),
    pauseDuration: seconds('shepherd.pause.duration', 'How long a rollout waited for a person or a gate'),
    rollbackDuration: seconds('shepherd.rollback.duration', 'From the decision to go back to its end'),
    lockWait: seconds('shepherd.lock.wait.duration', 'How long a rollout waited for the lock of its app'),
    weight: meter.createGauge('shepherd.traffic.weight', { unit: '%', description: 'Share of the traffic that the new version has' }),
    samples: meter.createCounter('shepherd.analysis.samples', { unit: '{sample}', description: 'Looks at the metrics of a release that is judged' }),
    deliveries: meter.createCounter('shepherd.notice.deliveries', { unit: '{attempt}', description: 'Attempts to deliver a notice, by what became of them' }),
  };
}
