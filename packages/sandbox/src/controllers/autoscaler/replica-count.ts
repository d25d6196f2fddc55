import type { KubeObject } from '../../api/objects.js';
import { conditionOf } from '../pod-facts.js';

/** How far usage may be from its target before anything is done. */
export const usualTolerance = 0.1;
/** For so long after its start the CPU that a pod uses to start is not held against it. */
const initialisationMs = 300_000;
/** A pod that was unready since its first seconds has never been ready. */
const firstReadinessMs = 30_000;
/** A metric covers the time before it: what it says of a pod that got ready within is about its start. */
const windowMs = 15_000;

/** The usage of one pod against what it asks for. */
export interface Sample {
  /** Thousandths of a unit; `undefined`: the metrics server knows nothing. */
  readonly used: number | undefined;
  /** What `used` should be, thousandths of a unit. */
  readonly target: number;
  /** What is assumed of an unknown one before replicas are taken away. */
  readonly assumed: number;
}

export interface CountInput {
  readonly pods: readonly KubeObject[];
  readonly current: number;
  /** The rules for pods that start hold for CPU alone. */
  readonly isCpu: boolean;
  readonly nowMs: number;
  readonly tolerance?: number | undefined;
  readonly sampleOf: (pod: KubeObject) => Sample;
  /** Target over used: percent of requests in whole numbers, or plain values. */
  readonly ratioOf: (samples: readonly Required<{ used: number; target: number }>[]) => number;
}

type Group = 'ignored' | 'unready' | 'missing' | 'counted';

function groupOf(pod: KubeObject, sample: Sample, { isCpu, nowMs }: CountInput): Group {
  const { phase, startTime } = pod.status ?? {};
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed') return 'ignored';
  if (phase === 'Pending' || phase === undefined) return 'unready';
  if (sample.used === undefined) return 'missing';
  if (!isCpu) return 'counted';
  const ready = conditionOf(pod, 'Ready');
  if (ready === undefined || startTime === undefined) return 'unready';
  const startedMs = Date.parse(startTime);
  const turnedMs = Date.parse(ready.lastTransitionTime ?? startTime);
  const isUnready = ready.status !== 'True';
  if (startedMs + initialisationMs > nowMs) return isUnready || nowMs < turnedMs + windowMs ? 'unready' : 'counted';
  return isUnready && startedMs + firstReadinessMs > turnedMs ? 'unready' : 'counted';
}

/**
 * Replicas that bring usage to its target: `ceil(ratio × counted pods)`. Pods that are starting count as idle before replicas are added and not at all
 * otherwise; unknown ones count as idle before replicas are added and as busy before they are taken away. What these assumptions turn around is not done.
 * @returns a text that says why nothing can be said
 */
export function replicaCount(input: CountInput): number | string {
  const { pods, current, ratioOf, tolerance = usualTolerance } = input;
  if (pods.length === 0) return 'no pods returned by selector while calculating replica count';
  const groups: Record<Group, Sample[]> = { ignored: [], unready: [], missing: [], counted: [] };
  for (const pod of pods) {
    const sample = input.sampleOf(pod);
    groups[groupOf(pod, sample, input)].push(sample);
  }
  const counted = groups.counted.map(({ used = 0, target }) => ({ used, target }));
  if (counted.length === 0) return 'did not receive metrics for targeted pods (pods might be unready)';
  const ratio = ratioOf(counted);
  const isSteady = (value: number): boolean => value >= 1 - tolerance && value <= 1 + tolerance;
  const idle = ratio > 1 ? groups.unready : [];
  if (idle.length === 0 && groups.missing.length === 0) return isSteady(ratio) ? current : Math.ceil(ratio * counted.length);
  const all = [...counted, ...idle.map(({ target }) => ({ used: 0, target }))];
  if (ratio !== 1) all.push(...groups.missing.map(({ target, assumed }) => ({ used: ratio < 1 ? assumed : 0, target })));
  const careful = ratioOf(all);
  if (isSteady(careful) || (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)) return current;
  const wanted = Math.ceil(careful * all.length);
  return (careful < 1 && wanted > current) || (careful > 1 && wanted < current) ? current : wanted;
}
