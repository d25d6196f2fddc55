import type { Context, Span, Tracer } from '@opentelemetry/api';
import { type Cause, formatCause, type ObservedRollout, type Outcome, type RolloutEvent, type Verdict } from '@shepherd/core';
import { labelsOf, pipelineOf, plain, rootAttributes, taskAttributes } from './attributes.js';
import { exposureOf } from './exposure.js';
import type { Instruments } from './instruments.js';
import type { OtelApi } from './otel-api.js';
import { errorTypeOf, errorTypeOfCause, type RunResult, resultOf, resultOfCause, resultOfVerdict, statusOf } from './result.js';
import { taskOf } from './task.js';

/** Where spans and measurements go. */
export interface Sinks {
  readonly api: OtelApi;
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  readonly parent: Context;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface OpenStep {
  readonly span: Span;
  readonly task: string;
  readonly startMs: number;
}

/** The trace of one rollout, as far as this process drives it: a root span, and under it one a step. Its times are those of the events. */
export class RolloutTrace {
  readonly #sinks: Sinks;
  readonly #root: Span;
  readonly #context: Context;
  #step: OpenStep | undefined;
  #backSinceMs: number | undefined;
  readonly #waits = new Map<string, number>();

  /** `first`: the first event that this process heard of it; the others before it are another process'. */
  constructor(sinks: Sinks, rollout: ObservedRollout, first: RolloutEvent) {
    const { api, tracer, instruments, parent, env } = sinks;
    this.#sinks = sinks;
    const isFresh = first.type === 'rollout-start';
    const atMs = Date.parse(isFresh ? rollout.startedAt : first.at);
    const lockMs = isFresh ? rollout.lockWaitMs : 0;
    const startTime = new Date(atMs - lockMs);
    this.#root = tracer.startSpan(`RUN ${pipelineOf(rollout)}`, { kind: api.SpanKind.SERVER, startTime, attributes: rootAttributes(rollout, env) }, parent);
    this.#context = api.trace.setSpan(parent, this.#root);
    instruments.runActive.add(1, this.#active(rollout));
    if (!isFresh) return;
    instruments.lockWait.record(lockMs / 1_000, labelsOf(rollout));
    if (lockMs > 0) this.#child('lock', taskAttributes(rollout, { name: 'lock', sequence: 0 }), startTime).end(new Date(atMs));
  }

  /** For what works for the step that runs. */
  get span(): Span {
    return this.#step?.span ?? this.#root;
  }

  get context(): Context {
    return this.#context;
  }

  tell(event: RolloutEvent, rollout: ObservedRollout): void {
    const at = new Date(event.at);
    switch (event.type) {
      case 'step-start':
        this.#startStep(event, rollout, at);
        break;
      case 'step-end':
        this.#endStep(event.verdict, this.#step === undefined ? at : new Date(this.#step.startMs + event.ms), rollout);
        break;
      case 'step-progress':
        this.#sample(event, rollout, at);
        break;
      case 'weight-change':
        this.span.setAttribute('shepherd.traffic.weight', event.to);
        this.#root.addEvent('weight-change', { 'shepherd.traffic.weight': event.to }, at);
        this.#sinks.instruments.weight.record(event.to, labelsOf(rollout));
        break;
      case 'gate-hold':
      case 'approval-request':
      case 'pause-start':
        this.#wait(event.type, at);
        break;
      case 'gate-end':
      case 'approval-answer':
      case 'pause-end':
        this.#waited(waitOf[event.type], at, rollout);
        break;
      case 'rollback-start':
        this.#breakOff(event.cause, at, rollout);
        this.#backSinceMs ??= at.getTime();
        this.#root.setAttribute('shepherd.rollback.reason', plain(formatCause(event.cause)));
        if (rollout.from !== undefined) this.#root.setAttribute('shepherd.rollback.to_revision', rollout.from.hash);
        break;
      case 'attempt-start':
        this.#root.setAttributes({ 'shepherd.rollback.attempt': event.number, 'shepherd.rollback.to_revision': event.revision.hash });
        break;
      case 'attempt-end':
        this.#breakOff(event.attempt.cause, at, rollout);
        break;
      case 'listener-error':
        this.#root.addEvent('listener-error', { listener: plain(event.listener), message: plain(event.message) }, at);
        break;
      case 'rollout-end':
        this.end(event.outcome, rollout, at);
        break;
      default:
        break;
    }
  }

  /** The rollout is over, or this process leaves it. */
  end(outcome: Outcome, rollout: ObservedRollout, at: Date): void {
    const { api, instruments } = this.#sinks;
    const [result, errorType, labels] = [resultOf(outcome), errorTypeOf(outcome), labelsOf(rollout)];
    if (this.#step !== undefined) this.#closeStep(this.#step, { at, result: result === 'success' ? undefined : result, errorType }, rollout);
    for (const wait of this.#waits.keys()) this.#waited(wait, at, rollout);
    const { maxPercent, seconds } = exposureOf(rollout.events, at.toISOString());
    const status = statusOf(result);
    this.#root.setAttributes({
      'shepherd.outcome': outcome.kind,
      'shepherd.exposure.max_percent': maxPercent,
      'shepherd.exposure.seconds': seconds,
      ...(result === undefined ? {} : { 'cicd.pipeline.result': result }),
      ...(status === undefined ? {} : { 'deployment.status': status }),
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    });
    if (result === 'failure' || result === 'error' || result === 'timeout') this.#root.setStatus({ code: api.SpanStatusCode.ERROR });
    this.#root.end(at);
    instruments.runActive.add(-1, this.#active(rollout));
    if (!outcome.final) return;
    instruments.runDuration.record(outcome.ms / 1_000, {
      ...labels,
      'cicd.pipeline.run.state': 'executing',
      ...(result === undefined ? {} : { 'cicd.pipeline.result': result }),
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    });
    if (errorType !== undefined) instruments.runErrors.add(1, { ...labels, 'error.type': errorType });
    if (this.#backSinceMs !== undefined)
      instruments.rollbackDuration.record((at.getTime() - this.#backSinceMs) / 1_000, { ...labels, 'shepherd.outcome': outcome.kind });
  }

  #active = (rollout: ObservedRollout) => ({ ...labelsOf(rollout), 'cicd.pipeline.run.state': 'executing' });

  #child(name: string, attributes: Readonly<Record<string, string | number>>, startTime: Date): Span {
    const { tracer, api } = this.#sinks;
    return tracer.startSpan(name, { kind: api.SpanKind.INTERNAL, startTime, attributes }, this.#context);
  }

  #startStep({ step, index, sequence }: RolloutEvent<'step-start'>, rollout: ObservedRollout, at: Date): void {
    const task = taskOf(step);
    const use = step.kind === 'custom' ? { 'shepherd.step.use': step.step.use } : {};
    this.#step = { task, startMs: at.getTime(), span: this.#child(task, { ...taskAttributes(rollout, { name: task, sequence, index }), ...use }, at) };
  }

  #endStep(verdict: Verdict, at: Date, rollout: ObservedRollout): void {
    const step = this.#step;
    if (step === undefined) return;
    if (step.task === 'analyze') {
      const reason = verdict.kind === 'pass' ? verdict.evidence?.summary : verdict.reason;
      step.span.setAttribute('shepherd.analysis.verdict', verdict.kind);
      if (reason !== undefined) step.span.setAttribute('shepherd.analysis.reason', plain(reason));
    }
    const errorType = verdict.kind === 'pass' ? undefined : `verdict.${verdict.kind}`;
    this.#closeStep(step, { at, result: resultOfVerdict(verdict), errorType }, rollout);
  }

  /** What runs is broken off by what turns the rollout back. */
  #breakOff(cause: Cause, at: Date, rollout: ObservedRollout): void {
    if (this.#step === undefined) return;
    const result = resultOfCause(cause);
    this.#closeStep(this.#step, { at, result, errorType: result === 'failure' ? errorTypeOfCause(cause) : undefined }, rollout);
  }

  #closeStep(
    { span, task, startMs }: OpenStep,
    { at, result, errorType }: { readonly at: Date; readonly result: RunResult | undefined; readonly errorType: string | undefined },
    rollout: ObservedRollout,
  ): void {
    this.#step = undefined;
    const outcome = {
      ...(result === undefined ? {} : { 'cicd.pipeline.task.run.result': result }),
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    };
    span.setAttributes(outcome);
    if (errorType !== undefined) span.setStatus({ code: this.#sinks.api.SpanStatusCode.ERROR });
    span.end(at);
    if (result === undefined) return;
    this.#sinks.instruments.stepDuration.record((at.getTime() - startMs) / 1_000, {
      ...labelsOf(rollout),
      'cicd.pipeline.task.name': task,
      'cicd.pipeline.task.run.result': result,
    });
  }

  #sample({ message, data }: RolloutEvent<'step-progress'>, rollout: ObservedRollout, at: Date): void {
    this.span.addEvent('sample', { message: plain(message) }, at);
    const decision = (data as { readonly decision?: { readonly kind?: unknown } } | undefined)?.decision?.kind;
    if (typeof decision === 'string') this.#sinks.instruments.samples.add(1, { ...labelsOf(rollout), 'shepherd.analysis.decision': decision });
  }

  #wait(what: string, at: Date): void {
    if (!this.#waits.has(what)) this.#waits.set(what, at.getTime());
  }

  #waited(what: string, at: Date, rollout: ObservedRollout): void {
    const since = this.#waits.get(what);
    if (since === undefined) return;
    this.#waits.delete(what);
    const [task, startTime] = ['pause', new Date(since)];
    this.#child(task, { ...taskAttributes(rollout, { name: task, sequence: since }), 'shepherd.pause.on': pausedOn[what] ?? what }, startTime).end(at);
    this.#sinks.instruments.pauseDuration.record((at.getTime() - since) / 1_000, { ...labelsOf(rollout), 'shepherd.pause.on': pausedOn[what] ?? what });
  }
}

const waitOf = { 'gate-end': 'gate-hold', 'approval-answer': 'approval-request', 'pause-end': 'pause-start' } as const;
const pausedOn: Readonly<Record<string, string>> = { 'gate-hold': 'gate', 'approval-request': 'approval', 'pause-start': 'person' };
