import { readAppRecord } from '../engine/read-record.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider, TrackSelector } from '../ports/metrics-provider.js';
import type { Platform } from '../ports/platform.js';
import { type Counted, Counting, nothingCounted, plus } from './counts.js';

const spanMs = 30 * 60_000;
/** What was longer ago was another day's traffic. */
const mostAgeMs = 24 * 3_600_000;

/**
 * What the app had counted in the half hour before its last release began, for whoever compares. Undefined where that was more than a day ago or was taken back,
 * and where the provider cannot tell. Rejects only when the signal aborts.
 */
export async function countedBefore(
  platform: Platform<unknown>,
  metrics: MetricsProvider,
  serving: TrackSelector,
  context: PortContext,
): Promise<Counted | undefined> {
  try {
    const { current } = readAppRecord(await platform.journal.load(context), context.app) ?? {};
    if (current?.from === undefined || metrics.history === undefined || metrics.pods === undefined) return undefined;
    if (current.outcome !== undefined && current.outcome.kind !== 'succeeded') return undefined;
    const toMs = Date.parse(current.startedAt);
    if (context.clock.now().getTime() - toMs > mostAgeMs) return undefined;
    const span = { from: new Date(toMs - spanMs).toISOString(), to: current.startedAt };
    const pods = (await metrics.pods(span, context)).filter((pod) => !serving.pods.includes(pod));
    if (pods.length === 0) return undefined;
    const stable: TrackSelector = { revision: current.from.hash, pods, labels: {} };
    // The pods of now may not be counted yet, those of before not within the last hour.
    const [former, present] = await Promise.all([metrics.bounds?.(stable, context), metrics.bounds?.(serving, context)]);
    const bounds = [...(former ?? []), ...(present ?? [])].slice(0, 1).map(({ seconds }) => seconds);
    const counting = new Counting();
    let sum = nothingCounted;
    for await (const reading of metrics.history({ ...span, every: '1m', bounds, tracks: { stable, candidate: undefined } }, context)) {
      const counted = counting.next(reading);
      if (counted !== undefined) sum = plus(sum, counted);
    }
    return sum.requests === 0 ? undefined : sum;
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}
