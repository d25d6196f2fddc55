import type { PortContext } from '../ports/context.js';
import type { MetricsHints, MetricsProvider, MetricsReading, MetricsRequest, TrackSelector, Usage } from '../ports/metrics-provider.js';

const unreachable = (why: unknown): MetricsReading => ({
  kind: 'unavailable',
  reason: 'unreachable',
  detail: why instanceof Error ? why.message : String(why),
});

/** One reading, within a time: a provider that throws or does not answer gives no data. Rejects only when the caller's signal aborts. */
export const readMetrics = (metrics: MetricsProvider, request: MetricsRequest, context: PortContext, limitMs: number): Promise<MetricsReading> =>
  within(limitMs, context, (signal) => metrics.read(request, { ...context, signal }), unreachable);

/** What a provider knows beside its counts; nothing where it does not say so in time. Rejects only when the caller's signal aborts. */
export const readHints = (metrics: MetricsProvider, request: MetricsRequest, context: PortContext, limitMs: number): Promise<MetricsHints> =>
  within(
    limitMs,
    context,
    async (signal) => (await metrics.hints?.(request, { ...context, signal })) ?? {},
    () => ({}),
  );

/** What the serving pods use; nothing where it does not come in time. Rejects only when the caller's signal aborts. */
export const readUsage = (
  metrics: MetricsProvider,
  request: { readonly at: string; readonly serving: TrackSelector },
  context: PortContext,
  limitMs: number,
): Promise<Usage> =>
  within(
    limitMs,
    context,
    async (signal) => (await metrics.usage?.(request, { ...context, signal })) ?? {},
    () => ({}),
  );

async function within<T>(limitMs: number, { clock, signal }: PortContext, ask: (signal: AbortSignal) => Promise<T>, without: (why: unknown) => T): Promise<T> {
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const answer = ask(until).catch(without);
  const late = clock.sleep(limitMs, until).then(
    () => without(`no answer within ${limitMs / 1_000} s`),
    () => without('not waited for any longer'),
  );
  try {
    const read = await Promise.race([answer, late]);
    signal.throwIfAborted();
    return read;
  } finally {
    done.abort();
  }
}
