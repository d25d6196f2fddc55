import { Increments } from '../analysis/increments.js';
import { readMetrics } from '../analysis/read-metrics.js';
import type { Counted } from '../analysis/split.js';
import { selectorOf } from '../analysis/track-selector.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import { toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

const defaultIntervalMs = 15_000;
const limitMs = 10_000;

/** Requests of one track while a check watches, without a judge: a plain count from the first reading on. */
export class RequestCount {
  readonly #metrics: MetricsProvider;
  readonly #track: TrackName;
  readonly #context: PortContext;
  readonly #increments: Increments;
  readonly #startedAt: string;
  readonly #everyMs: number;
  #sum: Counted | undefined;
  #dueMs = 0;

  constructor(metrics: MetricsProvider, track: TrackName, context: PortContext) {
    const bornSince = context.clock.now().getTime();
    this.#metrics = metrics;
    this.#track = track;
    this.#context = context;
    this.#everyMs = metrics.interval === undefined ? defaultIntervalMs : toMs(metrics.interval);
    this.#increments = new Increments({ bounds: [], scrapeSeconds: this.#everyMs / 1_000, bornSince, judged: track });
    this.#startedAt = new Date(bornSince).toISOString();
  }

  /** Since the first reading; undefined: nothing could be counted yet. New samples come only so often, so not every call reads. */
  async read({ stable, candidate }: Target): Promise<Counted | undefined> {
    const { clock } = this.#context;
    if (clock.monotonicMs() < this.#dueMs) return this.#sum;
    this.#dueMs = clock.monotonicMs() + this.#everyMs;
    const since = this.#increments.at;
    const request = {
      at: new Date(clock.now().getTime() - toMs(this.#metrics.lag)).toISOString(),
      since: since === undefined ? this.#startedAt : new Date(since).toISOString(),
      bounds: [],
      tracks: { stable: selectorOf(stable), candidate: selectorOf(candidate) },
    };
    const reading = await readMetrics(this.#metrics, request, this.#context, limitMs);
    const none = { stable: false, candidate: false };
    const increment = this.#increments.read(reading, { expected: { ...none, [this.#track]: true }, weightSince: undefined });
    if (increment.kind === 'baseline') this.#sum ??= { requests: 0, errors: 0 };
    if (increment.kind === 'poll') {
      const { requests, errors } = increment.poll.counts[this.#track];
      this.#sum = { requests: (this.#sum?.requests ?? 0) + requests, errors: (this.#sum?.errors ?? 0) + errors };
    }
    return this.#sum;
  }
}
