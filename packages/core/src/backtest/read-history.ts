import { readMetrics } from '../analysis/read-metrics.js';
import type { PortContext } from '../ports/context.js';
import type { HistoryRequest, MetricsProvider, MetricsReading } from '../ports/metrics-provider.js';
import { toMs } from '../words/duration.js';

const readMs = 10_000;

/** The readings of a time that is past: by the provider's `history`, or by one `read` for each poll. @throws ShepherdError */
export async function* readHistory(metrics: MetricsProvider, request: HistoryRequest, context: PortContext): AsyncIterable<MetricsReading> {
  if (metrics.history !== undefined) return yield* metrics.history(request, context);
  const { bounds, tracks } = request;
  const [everyMs, toTime] = [toMs(request.every), Date.parse(request.to)];
  let since = new Date(Date.parse(request.from) - everyMs).toISOString();
  for (let atMs = Date.parse(request.from); atMs <= toTime; atMs += everyMs) {
    const at = new Date(atMs).toISOString();
    const reading = await readMetrics(metrics, { at, since, bounds, tracks }, context, readMs);
    if (reading.kind !== 'unavailable') since = at;
    yield reading;
  }
}
