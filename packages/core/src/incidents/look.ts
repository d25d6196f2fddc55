import { Analysis } from '../analysis/analysis.js';
import { readMetrics } from '../analysis/read-metrics.js';
import { selectorOf } from '../analysis/track-selector.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import { untilAborted } from '../internal/until-aborted.js';
import type { Target } from '../plan/situation.js';
import type { PortContext } from '../ports/context.js';
import type { MetricsProvider } from '../ports/metrics-provider.js';
import type { Platform } from '../ports/platform.js';
import { countedBefore } from '../signals/before.js';
import type { Signals } from '../signals/signals.js';
import { type Measured, SignalsWatch } from '../signals/signals-watch.js';
import { toMs } from '../words/duration.js';
import type { TrackName } from '../words/revision.js';

/** What one look at an app says. */
export interface Look {
  /** No pod is ready, or none says that it is well. Undefined: that could not be seen. */
  readonly out: string | undefined | false;
  /** Too many nodes are not ready. */
  readonly cluster: string | undefined;
  /** The metrics prove too many errors, more errors or a higher P99 than before the release, or a leak of memory. */
  readonly slow: string | undefined;
  /** Where they were measured just now. */
  readonly signals?: Signals | undefined;
  /** The cluster did not answer, and why. */
  readonly unreachable: string | undefined;
}

/** Share of nodes that may be not ready (EC 3, E5). */
const mostNodes = 0.2;
const lookMs = 20_000;

/** Looks at one app again and again: its pods, their health, the nodes, and, with a provider, its requests. Writes nothing. */
export class Looker {
  readonly #platform: Platform<unknown>;
  readonly #context: PortContext;
  readonly #metrics: MetricsProvider | undefined;
  readonly #errorRate: number;
  readonly #memoryGrowth: number;
  #signals: Promise<SignalsWatch> | undefined;
  #analysis: Analysis | undefined;
  #lastMs: number | undefined;

  constructor(
    platform: Platform<unknown>,
    context: PortContext,
    metrics: MetricsProvider | undefined,
    judged: { readonly errorRate: number; readonly memoryGrowth: number },
  ) {
    this.#platform = platform;
    this.#context = context;
    this.#metrics = metrics;
    this.#errorRate = judged.errorRate;
    this.#memoryGrowth = judged.memoryGrowth;
  }

  async look(): Promise<Look> {
    const over = new AbortController();
    const { clock, signal } = this.#context;
    const context = { ...this.#context, signal: AbortSignal.any([signal, over.signal]), look: {} };
    const late = clock.sleep(lookMs, context.signal).then(
      () => ({ unreachable: `no answer within ${lookMs / 1_000} s` }),
      () => ({ unreachable: 'not waited for any longer' }),
    );
    try {
      const seen = await Promise.race([this.#see(context), late]);
      signal.throwIfAborted();
      return 'out' in seen ? seen : { out: undefined, cluster: undefined, slow: undefined, ...seen };
    } catch (error) {
      signal.throwIfAborted();
      // Who may not look, or looks for an app that is gone, has a cluster that answers.
      const answers = ShepherdError.is(error) && !error.retryable && error.code !== 'ERR_UNREACHABLE';
      const reason = error instanceof Error ? error.message : String(error);
      return { out: undefined, cluster: undefined, slow: undefined, unreachable: answers ? undefined : reason };
    } finally {
      over.abort();
    }
  }

  async #see(context: PortContext): Promise<Look> {
    const { tracks, diagnosis } = this.#platform;
    const [target, nodes] = await Promise.all([tracks.inspect(context), diagnosis?.nodes?.(context).catch(() => undefined)]);
    const measured = await this.#measured(target, context);
    const slow = [await this.#slow(target, context), ...(measured?.findings ?? [])].filter((each) => each !== undefined);
    const bad = nodes === undefined || nodes.of === 0 ? 0 : (nodes.of - nodes.ready) / nodes.of;
    return {
      out: await this.#out(target, context),
      cluster: nodes !== undefined && bad >= mostNodes ? `${nodes.of - nodes.ready} of ${nodes.of} nodes are not ready` : undefined,
      slow: slow.length === 0 ? undefined : slow.join('; '),
      unreachable: undefined,
      ...(measured?.fresh === true ? { signals: measured.signals } : {}),
    };
  }

  async #out({ stable, candidate }: Pick<Target, 'stable' | 'candidate'>, context: PortContext): Promise<Look['out']> {
    if ((stable?.ready ?? 0) + (candidate?.ready ?? 0) === 0) return 'no pod is ready';
    const path = await this.#platform.healthPath?.(context).catch(() => undefined);
    if (path === undefined) return false;
    const serving = (['stable', 'candidate'] satisfies TrackName[]).filter((track) => ((track === 'stable' ? stable : candidate)?.ready ?? 0) > 0);
    const http = this.#platform.http(context);
    const replies = (await Promise.all(serving.map((track) => http(track, path).catch(() => undefined)))).flatMap((each) => each ?? []);
    if (replies.length === 0) return undefined;
    return replies.every(({ status }) => status < 200 || status >= 400)
      ? `every pod fails its health check: ${replies[0]?.status || 'no answer'} to ${path}`
      : false;
  }

  async #measured({ stable }: Pick<Target, 'stable'>, context: PortContext): Promise<Measured | undefined> {
    const [metrics, serving] = [this.#metrics, selectorOf(stable)];
    if (metrics === undefined || serving === undefined) return undefined;
    // What was before is read once, and outlives a look that ends early.
    this.#signals ??= countedBefore(this.#platform, metrics, serving, this.#context).then(
      (before) => new SignalsWatch(metrics, this.#context, { memoryGrowth: this.#memoryGrowth, before }),
    );
    return untilAborted(
      this.#signals.then((signals) => signals.look(serving)),
      context.signal,
    );
  }

  async #slow({ stable }: Pick<Target, 'stable'>, context: PortContext): Promise<string | undefined> {
    const metrics = this.#metrics;
    const selector = selectorOf(stable);
    const { clock } = context;
    if (metrics === undefined || selector === undefined) return undefined;
    const intervalMs = toMs(metrics.interval ?? '15s');
    const now = clock.monotonicMs();
    if (this.#lastMs !== undefined && now - this.#lastMs < intervalMs) return undefined;
    const at = new Date(clock.now().getTime() - toMs(metrics.lag)).toISOString();
    this.#analysis ??= new Analysis({
      options: { errorRate: { max: this.#errorRate }, against: 'limits' },
      stageSeconds: 24 * 3_600,
      pollSeconds: intervalMs / 1_000,
      bornSince: at,
      judged: 'stable',
    });
    const since = this.#analysis.since ?? at;
    const reading = await readMetrics(
      metrics,
      { at, since, bounds: [], tracks: { stable: selector, candidate: undefined } },
      context,
      Math.max(intervalMs, 10_000),
    );
    const { decision, sentence } = this.#analysis.observe({
      reading,
      ...(this.#lastMs === undefined ? {} : { seconds: (now - this.#lastMs) / 1_000 }),
      expected: { stable: true, candidate: false },
    });
    this.#lastMs = now;
    if (decision.kind !== 'rollback') return undefined;
    // What it proved is said; whether it gets better is judged anew.
    this.#analysis = undefined;
    return sentence;
  }
}
