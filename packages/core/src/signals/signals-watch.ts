import { percent } from '../analysis/figures.js';
import { readMetrics, readUsage } from '../analysis/read-metrics.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider, TrackSelector } from '../ports/metrics-provider.js';
import { toMs } from '../words/duration.js';
import { type Counted, Counting, nothingCounted, plus } from './counts.js';
import { leakOf } from './leak.js';
import { type Signals, signalsOf } from './signals.js';
import type { Point } from './theil-sen.js';
import { moreErrors, slower } from './worse.js';

/** What is shown and compared is of the last so long. */
const windowMs = 5 * 60_000;
const keepMs = 60 * 60_000;
/** New samples of memory come about this often. */
const everyMs = 30_000;
const limitMs = 10_000;

export interface SignalsOptions {
  /** Growth of the memory's floor that is a leak: a share of the limit, or of the level, an hour. */
  readonly memoryGrowth: number;
  /** What the version before had counted; undefined: not known. */
  readonly before: Counted | undefined;
}

/** What was measured, and what of it is a finding. `fresh`: just now. */
export interface Measured {
  readonly signals: Signals;
  readonly findings: readonly string[];
  readonly fresh: boolean;
}

/** Reads the five signals again and again, and judges them (guide H4, H7). Writes nothing; what cannot be read is not measured. */
export class SignalsWatch {
  readonly #metrics: MetricsProvider;
  readonly #context: PortContext;
  readonly #options: SignalsOptions;
  readonly #counting = new Counting();
  readonly #memory = new Map<string, { points: Point[]; limit: number | undefined }>();
  #window: { readonly atMs: number; readonly counted: Counted }[] = [];
  #bounds: readonly number[] = [];
  #lastMs: number | undefined;
  #last: Omit<Measured, 'fresh'> = { signals: {}, findings: [] };

  constructor(metrics: MetricsProvider, context: PortContext, options: SignalsOptions) {
    this.#metrics = metrics;
    this.#context = context;
    this.#options = options;
  }

  async look(serving: TrackSelector): Promise<Measured> {
    const { clock } = this.#context;
    const now = clock.monotonicMs();
    const intervalMs = Math.max(everyMs, toMs(this.#metrics.interval ?? '15s'));
    if (this.#lastMs !== undefined && now - this.#lastMs < intervalMs) return { ...this.#last, fresh: false };
    const atMs = clock.now().getTime() - toMs(this.#metrics.lag);
    this.#lastMs = now;
    // Of pods that were not counted yet nothing is known; they are asked for again.
    if (this.#bounds.length === 0) this.#bounds = await boundsOf(this.#metrics, serving, this.#context);
    const at = new Date(atMs).toISOString();
    const request = { at, since: at, bounds: this.#bounds, tracks: { stable: serving, candidate: undefined } };
    const [reading, usage] = await Promise.all([
      readMetrics(this.#metrics, request, this.#context, limitMs),
      readUsage(this.#metrics, { at, serving }, this.#context, limitMs),
    ]);
    const counted = this.#counting.next(reading);
    this.#window = [...this.#window.filter((each) => atMs - each.atMs < windowMs), ...(counted === undefined ? [] : [{ atMs, counted }])];
    for (const pod of this.#memory.keys()) if (!serving.pods.includes(pod)) this.#memory.delete(pod);
    for (const [pod, { used, limit }] of Object.entries(usage.memory ?? {})) {
      const points = (this.#memory.get(pod)?.points ?? []).filter((each) => atMs - each.atMs <= keepMs);
      this.#memory.set(pod, { points: [...points, { atMs, value: used }], limit });
    }
    const recent = this.#window.reduce((sum, each) => plus(sum, each.counted), nothingCounted);
    this.#last = { signals: signalsOf(usage, recent), findings: [...this.#leaks(), ...this.#worse(recent)] };
    return { ...this.#last, fresh: true };
  }

  #leaks(): readonly string[] {
    const leaks = [...this.#memory].flatMap(([pod, { points, limit }]) => {
      const leak = leakOf(points, { limit, most: this.#options.memoryGrowth });
      return leak === undefined ? [] : [{ pod, leak }];
    });
    const [worst] = leaks.toSorted((a, b) => b.leak.share - a.leak.share);
    if (worst === undefined) return [];
    const { pod, leak } = worst;
    const others = leaks.length === 1 ? '' : `, and so does that of ${leaks.length - 1} more`;
    return [
      `the memory of ${pod} grows by ${(leak.perHour / 2 ** 20).toFixed(1)} MiB an hour or more, ${percent(leak.share)} of its ${leak.ofLimit ? 'limit' : 'level'}${others}`,
    ];
  }

  #worse(recent: Counted): readonly string[] {
    const { before } = this.#options;
    return before === undefined ? [] : [moreErrors(recent, before), slower(recent, before)].flatMap((each) => each ?? []);
  }
}

/** One bound, so that latencies are asked for at all; which one matters to nobody here. */
async function boundsOf(metrics: MetricsProvider, serving: TrackSelector, context: PortContext): Promise<readonly number[]> {
  const found = await metrics.bounds?.(serving, context).catch(() => undefined);
  context.signal.throwIfAborted();
  return found?.slice(0, 1).map(({ seconds }) => seconds) ?? [];
}
