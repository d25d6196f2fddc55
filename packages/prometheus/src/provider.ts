import type {
  AlertRule,
  Finding,
  HistoryRequest,
  LatencyBound,
  MetricsHints,
  MetricsProvider,
  MetricsReading,
  MetricsRequest,
  PortContext,
  TrackName,
  TrackSelector,
  Usage,
} from '@shepherd/core';
import { formatApp, toMs } from '@shepherd/core';
import { ApiError } from './api/api-error.js';
import { PrometheusApi } from './api/prometheus-api.js';
import { speaksOf } from './api/rules.js';
import { skewOf, skewText } from './api/skew.js';
import { hintsOf, hintsQuery } from './hints.js';
import { historyOf, podsOf, stepsOf } from './history.js';
import { checkOptions, type PrometheusOptions } from './options.js';
import { asError, type Preflight, preflight } from './preflight.js';
import { aggregate, selector } from './promql/expression.js';
import type { AnyMatcher } from './promql/matcher.js';
import { boundsOf } from './reading/bounds.js';
import { readTracks, unavailable } from './reading/tracks.js';
import { Unreadable } from './reading/unreadable.js';
import { usageOf, usageQuery } from './usage.js';
import { candidatesOf, detect, tellsApart } from './vocabularies/detect.js';
import { type Selection, SelectionError } from './vocabularies/selection.js';
import type { Vocabulary } from './vocabularies/vocabulary.js';

const askAgainMs = 5 * 60_000;
const trackNames = ['stable', 'candidate'] as const satisfies readonly TrackName[];

/** Reads raw counters of both tracks at one time: one query a track (AN 1). */
export class PrometheusProvider implements MetricsProvider {
  readonly specificationVersion = 'v1';
  readonly name = 'prometheus';
  readonly lag: MetricsProvider['lag'];
  readonly interval: MetricsProvider['interval'];
  readonly #options: PrometheusOptions;
  readonly #api: PrometheusApi;
  readonly #candidates: readonly Vocabulary[];
  readonly #vocabularies = new Map<string, Vocabulary>();
  /** Apps of which no hint came, until when they are not asked for. */
  readonly #hintless = new Map<string, number>();

  /** @throws ShepherdError ERR_INVALID_OPTIONS */
  constructor(options: PrometheusOptions) {
    checkOptions(options);
    this.#options = options;
    this.lag = options.lag ?? '5s';
    this.interval = options.scrapeInterval;
    this.#api = new PrometheusApi(options);
    this.#candidates = candidatesOf(options);
  }

  async read(request: MetricsRequest, context: PortContext): Promise<MetricsReading> {
    try {
      return await this.#read(request, context);
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof ApiError) return { kind: 'unavailable', reason: 'unreachable', detail: `${new URL(this.#options.url).host} ${error.message}` };
      return unavailable(error);
    }
  }

  async hints({ at, tracks }: Pick<MetricsRequest, 'at' | 'tracks'>, context: PortContext): Promise<MetricsHints> {
    const key = formatApp(context.app);
    const [atMs, vocabulary] = [Date.parse(at), this.#vocabularies.get(key)];
    // Nothing is known of the app yet, or nothing was a moment ago.
    if (vocabulary === undefined || atMs < (this.#hintless.get(key) ?? 0)) return {};
    const selections = trackNames.flatMap((track) => (tracks[track]?.pods.length === 0 ? [] : this.#select({ tracks }, track, context)));
    if (selections.length === 0) return {};
    this.#hintless.set(key, atMs + askAgainMs);
    const { rows } = await this.#api.instant(hintsQuery(selections, vocabulary), atMs, context);
    if (rows.length > 0) this.#hintless.delete(key);
    return hintsOf(rows, selections);
  }

  async usage({ at, serving }: { readonly at: string; readonly serving: TrackSelector }, context: PortContext): Promise<Usage> {
    if (serving.pods.length === 0) return {};
    const selection: Selection = { app: context.app, track: 'stable', revision: serving.revision, pods: serving.pods, options: this.#options };
    const { rows } = await this.#api.instant(usageQuery(selection, this.#options.usage), Date.parse(at), context);
    return usageOf(rows, selection);
  }

  preflight(context: PortContext, stable?: TrackSelector): Promise<readonly Finding[]> {
    const find: Preflight['detect'] = (selection, atMs) => this.#detect([selection], atMs, context);
    return preflight({ api: this.#api, options: this.#options, candidates: this.#candidates, context, stable, detect: find });
  }

  async bounds(stable: TrackSelector, context: PortContext): Promise<readonly LatencyBound[]> {
    try {
      return await this.#bounds(stable, context);
    } catch (error) {
      context.signal.throwIfAborted();
      throw asError(error, this.#options);
    }
  }

  async *history(request: HistoryRequest, context: PortContext): AsyncGenerator<MetricsReading> {
    try {
      const span = stepsOf(request);
      const selections = trackNames.flatMap((track) => this.#select(request, track, context));
      const [first, ...rest] = selections;
      if (first === undefined) return;
      const vocabulary = await this.#vocabularyOf([first, ...rest], [span.toMs, (span.fromMs + span.toMs) / 2, span.fromMs], context);
      yield* historyOf({ api: this.#api, vocabulary, selections, bounds: request.bounds, options: this.#options, caller: context }, span);
    } catch (error) {
      context.signal.throwIfAborted();
      throw asError(error, this.#options);
    }
  }

  async pods({ from, to }: Pick<HistoryRequest, 'from' | 'to'>, context: PortContext): Promise<readonly string[]> {
    const span = stepsOf({ from, to, every: '1s' });
    try {
      return await podsOf({ api: this.#api, app: context.app, options: this.#options, candidates: this.#candidates, caller: context }, span);
    } catch (error) {
      context.signal.throwIfAborted();
      throw asError(error, this.#options);
    }
  }

  async alerts(context: PortContext): Promise<readonly string[]> {
    const { labels, where = [] } = this.#options;
    const matchers: readonly AnyMatcher[] = [
      { label: 'alertstate', op: '=', value: 'firing' },
      { label: labels?.namespace ?? 'namespace', op: '=', value: context.app.namespace },
      ...where,
    ];
    try {
      const { rows } = await this.#api.instant(aggregate('max', ['alertname'], selector('ALERTS', matchers)), context.clock.now().getTime(), context);
      return rows.map((row) => row.labels['alertname'] ?? 'one without a name').toSorted();
    } catch (error) {
      context.signal.throwIfAborted();
      throw asError(error, this.#options);
    }
  }

  async alertRules({ app, ...context }: PortContext): Promise<readonly AlertRule[]> {
    try {
      const rules = await this.#api.alertRules(context);
      const own = rules
        .filter((rule) => speaksOf(rule, [app.namespace, app.name]))
        .map(({ name, error }) => ({ name, ...(error === undefined ? {} : { broken: error }) }));
      return own.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      context.signal.throwIfAborted();
      throw asError(error, this.#options);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.close();
  }

  async #bounds(stable: TrackSelector, context: PortContext): Promise<readonly LatencyBound[]> {
    const selection: Selection = { app: context.app, track: 'stable', revision: stable.revision, pods: stable.pods, options: this.#options };
    const atMs = context.clock.now().getTime() - toMs(this.lag);
    const vocabulary = this.#vocabularies.get(formatApp(context.app)) ?? (await this.#detect([selection], atMs, context));
    await vocabulary?.check?.(selection);
    const query = vocabulary?.lastHour(selection);
    if (vocabulary === undefined || query === undefined) return [];
    const { rows } = await this.#api.instant(query, atMs, context);
    return boundsOf(rows, vocabulary);
  }

  async #read(request: MetricsRequest, context: PortContext): Promise<MetricsReading> {
    const atMs = Date.parse(request.at);
    const selections = trackNames.flatMap((track) => this.#select(request, track, context));
    const [first, ...rest] = selections;
    if (first === undefined) return { kind: 'counters', at: request.at, targets: [] };
    const asked = this.#vocabularies.has(formatApp(context.app));
    const vocabulary = await this.#vocabularyOf([first, ...rest], [atMs], context);
    // Finding it took two requests, and a poll may make three.
    if (!asked && vocabulary.dotted === true && this.#candidates.length > 1) throw new Unreadable('no-data', 'the names of its metrics were found only now');
    if (!tellsApart(vocabulary, selections)) throw new SelectionError(`${vocabulary.name} has the same series for both tracks`);
    const needs = { latency: request.bounds.length > 0 };
    const vectors = await Promise.all(
      selections.map(async (selection) => {
        await vocabulary.check?.(selection);
        const vector = await this.#api.instant(vocabulary.query(selection, needs), atMs, context);
        const skewMs = skewOf(vector.serverMs, context.clock);
        // What it says of this minute would be of another.
        if (skewMs !== undefined) throw new Unreadable('invalid', skewText(skewMs));
        return { selection, vector };
      }),
    );
    return readTracks(vectors, vocabulary, request, this.#options);
  }

  /** @throws Unreadable for a track without pods: an empty pattern would match series without the label */
  #select({ tracks }: Pick<MetricsRequest, 'tracks'>, track: TrackName, { app }: PortContext): readonly Selection[] {
    const selector = tracks[track];
    if (selector === undefined) return [];
    if (selector.pods.length === 0) throw new Unreadable('no-data', `${track} has no pods`);
    return [{ app, track, revision: selector.revision, pods: selector.pods, options: this.#options }];
  }

  async #vocabularyOf(selections: readonly [Selection, ...Selection[]], timesMs: readonly number[], context: PortContext): Promise<Vocabulary> {
    const key = formatApp(context.app);
    const known = this.#vocabularies.get(key);
    if (known !== undefined) return known;
    let found: Vocabulary | undefined;
    for (const atMs of timesMs) found ??= await this.#detect(selections, atMs, context);
    if (found === undefined)
      throw new Unreadable('no-data', `no requests of ${key} are known under any name: ${[...new Set(this.#candidates.map(({ name }) => name))].join(', ')}`);
    this.#vocabularies.set(key, found);
    return found;
  }

  /** One with dotted names is kept at once: it took a request more, and it tells any two tracks apart. */
  async #detect(selections: readonly [Selection, ...Selection[]], atMs: number, context: PortContext): Promise<Vocabulary | undefined> {
    const found = await detect(this.#api, this.#candidates, selections, atMs, context);
    if (found?.dotted === true) this.#vocabularies.set(formatApp(context.app), found);
    return found;
  }
}
