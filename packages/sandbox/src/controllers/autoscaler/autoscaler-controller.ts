import type { Wire } from '../../api/json.js';
import type { KubeObject, Objects } from '../../api/objects.js';
import { matchesSelector } from '../../api/selectors.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { EventRecorder } from '../events.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';
import {
  type AutoscalerCondition,
  ableToScale,
  scalingActive,
  scalingDisabled,
  scalingInactive,
  scalingLimited,
  withCondition,
} from './autoscaler-conditions.js';
import { limit, limitTexts, type ScaleChange } from './limits.js';
import { noAnswer } from './other-metrics.js';
import { type MetricAnswer, type MetricInput, resourceAnswer } from './resource-metric.js';
import { type Recommendation, remembered, stabilise } from './stabilise.js';
import type { UsageBook } from './usage-book.js';

const autoscalers = 'horizontalpodautoscalers.autoscaling';
/** An autoscaler is looked at this often, and for the first time so long after it was made. */
const syncMs = 15_000;
/** Changes older than the longest period that a policy may have. */
const longestPeriodMs = 1_800_000;

const targets: Readonly<Record<string, string>> = {
  'apps/Deployment': 'deployments.apps',
  'apps/ReplicaSet': 'replicasets.apps',
  'apps/StatefulSet': 'statefulsets.apps',
};

/** What is remembered of an autoscaler between two looks; a controller that starts anew has forgotten it. */
interface Memory {
  readonly uid: string;
  recommendations: Recommendation[];
  changes: ScaleChange[];
}

/** An autoscaler at one look. */
interface Look {
  readonly hpa: KubeObject;
  readonly target: KubeObject;
  readonly resource: string;
  readonly memory: Memory;
  readonly nowMs: number;
  conditions: readonly AutoscalerCondition[];
  metrics: Wire;
}

/** A size and why; `undefined`: nothing can be said, the look ends. */
type Decision = { readonly replicas: number; readonly why: string } | undefined;

/** Sizes workloads by the usage of their pods, within bounds, as Kubernetes' horizontal pod autoscaler does. */
export class AutoscalerController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #memories = new Map<string, Memory>();
  readonly #stop: () => void;

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
    readonly usage: UsageBook,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'horizontal-pod-autoscaler');
    this.#queue = new WorkQueue(scheduler, (key) => this.#sync(key), syncMs);
    this.#stop = objects.watch(autoscalers, ({ type, object }) => {
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      if (type === 'deleted') this.#memories.delete(key);
      else this.#queue.add(key);
    });
  }

  close(): void {
    this.#stop();
  }

  #sync(key: string): void {
    const { namespace, name } = splitKey(key);
    const hpa = this.objects.get(autoscalers, namespace, name);
    if (hpa === undefined || hpa.metadata.deletionTimestamp !== undefined) return;
    this.#queue.add(key);
    try {
      this.#look(hpa, key);
    } catch (error) {
      // a write that lost against another comes again with the next look
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
    }
  }

  #look(hpa: KubeObject, key: string): void {
    const nowMs = this.scheduler.date().getTime();
    const { kind, name, apiVersion = '' } = hpa.spec.scaleTargetRef;
    const resource = targets[`${apiVersion.split('/')[0]}/${kind}`];
    const target = resource === undefined ? undefined : this.objects.get(resource, hpa.metadata.namespace, name);
    const conditions: readonly AutoscalerCondition[] = hpa.status?.conditions ?? [];
    if (resource === undefined || target === undefined) return this.#noTarget(hpa, conditions, resource);
    const memory = this.#memoryOf(key, hpa, target.spec.replicas, nowMs);
    const look: Look = { hpa, target, resource, memory, nowMs, conditions, metrics: null };
    this.#say(look, ableToScale('SucceededGetScale', "the HPA controller was able to get the target's current scale"));
    const decision = this.#decide(look);
    if (decision === undefined) return this.#write(look, hpa.status?.desiredReplicas ?? 0, false);
    const isChange = decision.replicas !== target.spec.replicas;
    if (isChange) this.#scale(look, decision.replicas, decision.why);
    this.#write(look, decision.replicas, isChange);
  }

  #memoryOf(key: string, { metadata }: KubeObject, replicas: number, nowMs: number): Memory {
    const known = this.#memories.get(key);
    if (known?.uid === metadata.uid) return known;
    const memory: Memory = { uid: metadata.uid, recommendations: [{ atMs: nowMs, replicas }], changes: [] };
    this.#memories.set(key, memory);
    return memory;
  }

  #noTarget(hpa: KubeObject, conditions: readonly AutoscalerCondition[], resource: string | undefined): void {
    const { kind, name, apiVersion = '' } = hpa.spec.scaleTargetRef;
    const why = resource === undefined ? `no matches for kind "${kind}" in group "${apiVersion.split('/')[0]}"` : `${resource} "${name}" not found`;
    this.#events.record(hpa, { type: 'Warning', reason: 'FailedGetScale', message: why });
    const said = ableToScale('FailedGetScale', `the HPA controller was unable to get the target's current scale: ${why}`, false);
    const status = { ...hpa.status, conditions: withCondition(conditions, said, timestamp(this.scheduler.date())) };
    this.objects.updateStatus(autoscalers, { ...hpa, status });
  }

  #decide(look: Look): Decision {
    const { minReplicas: min = 1, maxReplicas: max } = look.hpa.spec;
    const current: number = look.target.spec.replicas;
    if (current === 0 && min !== 0) {
      this.#say(look, scalingDisabled);
      return { replicas: 0, why: '' };
    }
    if (current > max) return { replicas: max, why: 'Current number of replicas above Spec.MaxReplicas' };
    if (current < min) return { replicas: min, why: 'Current number of replicas below Spec.MinReplicas' };
    const measured = this.#measure(look);
    if (measured === undefined) return undefined;
    const { name } = measured;
    const why = measured.replicas > current ? `${name} above target` : measured.replicas < current ? 'All metrics below target' : '';
    return { replicas: this.#normalise(look, measured.replicas), why };
  }

  /** The highest size that a metric asks for. One that says nothing forbids to take replicas away. */
  #measure(look: Look): { replicas: number; name: string } | undefined {
    const { hpa, target, nowMs } = look;
    const pods = this.objects.list('pods', hpa.metadata.namespace).filter((pod) => matchesSelector(target.spec.selector, pod.metadata.labels));
    const current: number = target.spec.replicas;
    const answers: readonly MetricAnswer[] = (hpa.spec.metrics ?? []).map((metric: Wire) =>
      answerOf({ metric, pods, current, nowMs, usage: this.usage, namespace: hpa.metadata.namespace ?? '' }),
    );
    const unknown = answers.filter((answer) => answer.kind === 'unknown');
    for (const { reason, error } of unknown) this.#events.record(hpa, { type: 'Warning', reason, message: error });
    const best = answers.reduce<(MetricAnswer & { kind: 'count' }) | undefined>(
      (most, answer) => (answer.kind === 'count' && (most === undefined || answer.replicas > most.replicas) ? answer : most),
      undefined,
    );
    const [first] = unknown;
    look.metrics = answers.map((answer) => (answer.kind === 'count' ? answer.status : { type: '' }));
    if (best === undefined || (first !== undefined && best.replicas < current)) {
      if (first === undefined) return undefined;
      this.#say(look, scalingInactive(first.reason, `the HPA was unable to compute the replica count: ${first.error}`));
      const cause = `failed to get ${first.subject} metric value: ${first.error}`;
      const message = `invalid metrics (${unknown.length} invalid out of ${answers.length}), first error is: ${cause}`;
      this.#events.record(hpa, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message });
      return undefined;
    }
    this.#say(look, scalingActive(best.name));
    return best;
  }

  #normalise(look: Look, measured: number): number {
    const { hpa, target, memory, nowMs } = look;
    const { minReplicas: min = 1, maxReplicas: max, behavior } = hpa.spec;
    const current: number = target.spec.replicas;
    const stable = stabilise(measured, current, memory.recommendations, behavior, nowMs);
    memory.recommendations = [...remembered(memory.recommendations, behavior, nowMs), { atMs: nowMs, replicas: measured }];
    this.#say(look, ableToScale(stable.reason, stable.message));
    const limited = limit({ wanted: stable.replicas, current, min, max, behavior, changes: memory.changes, nowMs });
    this.#say(look, scalingLimited(limited.reason, limitTexts[limited.reason]));
    return limited.replicas;
  }

  #scale(look: Look, replicas: number, why: string): void {
    const { hpa, target, resource, memory, nowMs } = look;
    try {
      this.objects.update(resource, { ...target, spec: { ...target.spec, replicas } });
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      if (typeof code !== 'number') throw error;
      this.#events.record(hpa, { type: 'Warning', reason: 'FailedRescale', message: `New size: ${replicas}; reason: ${why}; error: ${message}` });
      this.#say(look, ableToScale('FailedUpdateScale', `the HPA controller was unable to update the target scale: ${message}`, false));
      this.#write(look, hpa.status?.desiredReplicas ?? 0, false);
      throw error;
    }
    memory.changes = [...memory.changes.filter(({ atMs }) => atMs > nowMs - longestPeriodMs), { atMs: nowMs, change: replicas - target.spec.replicas }];
    this.#say(look, ableToScale('SucceededRescale', `the HPA controller was able to update the target scale to ${replicas}`));
    this.#events.record(hpa, { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${replicas}; reason: ${why}` });
  }

  #say(look: Look, said: Parameters<typeof withCondition>[1]): void {
    look.conditions = withCondition(look.conditions, said, timestamp(this.scheduler.date()));
  }

  #write({ hpa, target, conditions, metrics: currentMetrics }: Look, desiredReplicas: number, scaled: boolean): void {
    const lastScaleTime = scaled ? timestamp(this.scheduler.date()) : hpa.status?.lastScaleTime;
    const status = {
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      ...(target.spec.replicas > 0 && { currentReplicas: target.spec.replicas }),
      desiredReplicas,
      currentMetrics,
      conditions,
    };
    this.objects.updateStatus(autoscalers, { ...hpa, status });
  }
}

const answerOf = (input: MetricInput): MetricAnswer =>
  input.metric.type === 'Resource' || input.metric.type === 'ContainerResource' ? resourceAnswer(input) : noAnswer(input.metric, input.namespace);
