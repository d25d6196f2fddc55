import type { Context, Span } from '@opentelemetry/api';
import type { OtelApi } from './otel-api.js';

type Env = Readonly<Record<string, string | undefined>>;

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** The context that whoever started this process is in, by `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` (W3C); the root context where there is none. */
export function contextOf({ ROOT_CONTEXT, trace, propagation, createTraceState }: OtelApi, env: Env): Context {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.exec(env['TRACEPARENT']?.trim() ?? '') ?? [];
  if (traceId === '') return ROOT_CONTEXT;
  const state = env['TRACESTATE'];
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state === undefined || state === '' ? {} : { traceState: createTraceState(state) }),
  });
  const entries = (env['BAGGAGE'] ?? '').split(',').flatMap((member) => {
    const [, key = '', value = ''] = /^\s*([^=;\s]+)\s*=\s*([^;\s]*)/.exec(member) ?? [];
    return key === '' ? [] : [[key, { value: decoded(value) }] as const];
  });
  return entries.length === 0 ? parent : propagation.setBaggage(parent, propagation.createBaggage(Object.fromEntries(entries)));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The same three for a child process that works for a span; undefined where nobody records spans. */
export function envOf({ isSpanContextValid }: OtelApi, span: Span, { BAGGAGE }: Env): Readonly<Record<string, string>> | undefined {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = context;
  const state = traceState?.serialize() ?? '';
  return {
    TRACEPARENT: `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`,
    ...(state === '' ? {} : { TRACESTATE: state }),
    ...(BAGGAGE === undefined || BAGGAGE === '' ? {} : { BAGGAGE }),
  };
}
