import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Notifier, ObservedRollout, Observer, Outcome, RolloutEvent } from '@shepherd/core';
import { counted } from './deliveries.js';
import { makeInstruments } from './instruments.js';
import { loadApi, type OtelApi } from './otel-api.js';
import { RolloutTrace, type Sinks } from './rollout-trace.js';
import { contextOf, envOf } from './trace-env.js';

declare const __PACKAGE_VERSION__: string;

/** Where spans and metrics go. */
export interface OpenTelemetryOptions {
  /** @default the global one, which an SDK registers */
  readonly tracerProvider?: TracerProvider | undefined;
  /** @default the global one */
  readonly meterProvider?: MeterProvider | undefined;
  /** The API where it is not found from here, or a function that brings it with the first event, undefined for none. @default `@opentelemetry/api`, if it is installed */
  readonly api?: OtelApi | (() => Promise<OtelApi | undefined>) | undefined;
  /** Where `TRACEPARENT`, `TRACESTATE`, `BAGGAGE` and what a CI run says of itself stand. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Spans and metrics of what a Shepherd drives; give it as one of its `observers`. */
export interface OpenTelemetry extends Observer {
  /** The same channels, each attempt of which is counted (`shepherd.notice.deliveries`) and a span of its rollout. */
  notifiers(channels: readonly Notifier[]): readonly Notifier[];
  /** Resolves when everything that was heard so far is with the SDK. */
  settled(): Promise<void>;
}

const scope = '@shepherd/telemetry';

/**
 * OpenTelemetry by its conventions for CI/CD: a trace of each rollout and metrics of all. Without `@opentelemetry/api` it does nothing; sending is the SDK's, which the
 * caller starts and shuts down.
 */
export function openTelemetry({ env = process.env, ...options }: OpenTelemetryOptions = {}): OpenTelemetry {
  const traces = new Map<string, RolloutTrace>();
  let sinks: Sinks | undefined;
  let ready: Promise<Sinks | undefined> | undefined;
  let last: Promise<void> = Promise.resolve();

  /** Made with the first event: an SDK that is registered later than this observer is made counts too. */
  const open = async (): Promise<Sinks | undefined> => {
    const { api: given = loadApi } = options;
    const api = typeof given === 'function' ? await given() : given;
    if (api === undefined) return undefined;
    const tracer = (options.tracerProvider ?? api.trace).getTracer(scope, __PACKAGE_VERSION__);
    const meter = (options.meterProvider ?? api.metrics).getMeter(scope, __PACKAGE_VERSION__);
    sinks = { api, tracer, instruments: makeInstruments(meter), parent: contextOf(api, env), env };
    return sinks;
  };
  let queued = 0;
  /** At once as soon as the API is there, in order until then. */
  const withSinks = (work: (found: Sinks) => void): Promise<void> | undefined => {
    if (sinks !== undefined && queued === 0) {
      work(sinks);
      return undefined;
    }
    ready ??= open();
    queued += 1;
    const done = Promise.all([ready, last]).then(([found]) => {
      queued -= 1;
      if (found !== undefined) work(found);
    });
    last = done.catch(() => undefined);
    return done;
  };
  const traceOf = (found: Sinks, event: RolloutEvent, rollout: ObservedRollout): RolloutTrace => {
    const known = traces.get(rollout.id) ?? new RolloutTrace(found, rollout, event);
    traces.set(rollout.id, known);
    return known;
  };
  return {
    specificationVersion: 'v1',
    name: 'opentelemetry',
    observe: (event, rollout) =>
      withSinks((found) => {
        // What comes after the end (a channel in trouble) begins no trace.
        if (!traces.has(rollout.id) && (event.transient || event.type === 'rollout-end')) return;
        traceOf(found, event, rollout).tell(event, rollout);
        if (event.type === 'rollout-end') traces.delete(rollout.id);
      }),
    left: (outcome: Outcome, rollout, { clock }) =>
      withSinks(() => {
        traces.get(rollout.id)?.end(outcome, rollout, clock.now());
        traces.delete(rollout.id);
      }),
    childEnv(rolloutId) {
      const trace = traces.get(rolloutId);
      return sinks === undefined || trace === undefined ? undefined : envOf(sinks.api, trace.span, env);
    },
    notifiers: (channels) =>
      channels.map((channel) =>
        counted(
          channel,
          (work) => void withSinks(work),
          (rolloutId) => traces.get(rolloutId)?.context,
        ),
      ),
    settled: () => last,
    [Symbol.asyncDispose]: () => last,
  };
}
