import type { Wire } from '../../api/json.js';
import type { KubeObject } from '../../api/objects.js';
import { canonicalQuantity, quantityToNumber } from '../../api/quantity.js';
import { replicaCount, type Sample } from './replica-count.js';
import type { UsageBook } from './usage-book.js';

/** What one metric of an autoscaler says. */
export type MetricAnswer = { readonly kind: 'count'; readonly replicas: number; readonly name: string; readonly status: Wire } | Unknown;

/** A metric that says nothing, and why. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: string;
  /** For the event and the condition. */
  readonly error: string;
  /** What could not be had: `cpu resource`, `pods`. */
  readonly subject: string;
}

export interface MetricInput {
  readonly metric: Wire;
  /** Those that the target's selector finds. */
  readonly pods: readonly KubeObject[];
  readonly current: number;
  readonly nowMs: number;
  readonly usage: UsageBook;
  readonly namespace: string;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Thousandths that the containers ask for; the name of one that asks for nothing. */
function requestOf(pod: KubeObject, resource: string, container: string | undefined): number | string {
  const sizes: number[] = [];
  for (const { name, resources } of pod.spec.containers) {
    if (container !== undefined && name !== container) continue;
    const request = resources?.requests?.[resource];
    if (request === undefined) return name;
    sizes.push(quantityToNumber(request) * 1_000);
  }
  return sum(sizes);
}

const noServer = 'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const noMetrics = 'no metrics returned from resource metrics API';

/** Replicas for a metric of type Resource or ContainerResource: CPU or memory, as a share of what pods ask for or as a plain value. */
export function resourceAnswer(input: MetricInput): MetricAnswer {
  const { metric, pods, current, nowMs, usage } = input;
  const source = metric.type === 'ContainerResource' ? metric.containerResource : metric.resource;
  const { name: resource, target, container } = source;
  const what = target.type === 'Utilization' ? 'utilization' : 'usage';
  const fail = (error: string): Unknown => ({
    kind: 'unknown',
    reason: `FailedGet${metric.type}Metric`,
    error: `failed to get ${resource} ${what}: ${error}`,
    subject: `${resource} ${container === undefined ? 'resource' : 'container'}`,
  });
  const used = new Map(pods.map((pod) => [pod, usage.milliOf(pod, resource)]));
  if ([...used.values()].every((value) => value === undefined)) {
    return fail(`unable to get metrics for resource ${resource}: ${usage.isEmpty ? noServer : noMetrics}`);
  }
  const isShare = target.type === 'Utilization';
  const requests = new Map<KubeObject, number>();
  for (const pod of isShare ? pods : []) {
    const request = requestOf(pod, resource, container);
    if (typeof request === 'string') return fail(`missing request for ${resource} in container ${request} of Pod ${pod.metadata.name}`);
    requests.set(pod, request);
  }
  const plain = isShare ? 0 : quantityToNumber(target.averageValue) * 1_000;
  const targetOf = (pod: KubeObject): number => (isShare ? (requests.get(pod) ?? 0) : plain);
  let seen: readonly { used: number; target: number }[] = [];
  const percentOf = (samples: typeof seen): number => Math.trunc((sum(samples.map((one) => one.used)) * 100) / sum(samples.map((one) => one.target)));
  const replicas = replicaCount({
    pods,
    current,
    isCpu: resource === 'cpu',
    nowMs,
    sampleOf: (pod): Sample => ({ used: used.get(pod), target: targetOf(pod), assumed: assumedOf(targetOf(pod), target) }),
    ratioOf(samples) {
      if (seen.length === 0) seen = samples;
      return isShare ? percentOf(samples) / target.averageUtilization : Math.trunc(sum(samples.map((one) => one.used)) / samples.length) / plain;
    },
  });
  if (typeof replicas === 'string') return fail(replicas);
  const averageValue = canonicalQuantity(`${Math.trunc(sum(seen.map((one) => one.used)) / seen.length)}m`);
  const now = isShare ? { averageUtilization: percentOf(seen), averageValue } : { averageValue };
  const field = metric.type === 'ContainerResource' ? 'containerResource' : 'resource';
  const status = { type: metric.type, [field]: { name: resource, ...(container !== undefined && { container }), current: now } };
  const told = container === undefined ? `${resource} resource` : `${resource} container resource`;
  return { kind: 'count', replicas, name: `${told}${isShare ? ' utilization (percentage of request)' : ''}`, status };
}

/** A pod without a metric counts as using all it asked for, or the target where that is more. */
const assumedOf = (base: number, target: Wire): number => (target.type === 'Utilization' ? (base * Math.max(100, target.averageUtilization)) / 100 : base);
