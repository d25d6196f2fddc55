import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { Courier } from '../notices/courier.js';
import type { Outbox } from '../notices/outbox.js';
import type { Outcome } from '../rollout/outcome.js';
import type { Shepherd } from '../shepherd.js';
import { type Signals, type SignalsSummary, summed } from '../signals/signals.js';
import { shown } from '../strategies/options.js';
import type { AppRef } from '../words/app.js';
import { type Duration, formatMs, parseDuration, toMs } from '../words/duration.js';
import type { Incident } from './incident.js';
import type { IncidentRecord } from './incident-record.js';
import { type Incidents, incidentsOf } from './incidents-of.js';
import { type Look, Looker } from './look.js';
import { due, opened, openIncidents, resolved, type Scene } from './transitions.js';

/** How an app is watched over. */
export interface WatchOverOptions {
  /** How long at least; then it goes on as long as a clock of an open incident runs. @default '30m' */
  readonly for?: Duration | undefined;
  /** @default '10s' */
  readonly every?: Duration | undefined;
  /** Goes back by itself where degradation is no better after its time (D1). @default false */
  readonly auto?: boolean | undefined;
  /** Share of failed requests that is too much, where there is a metrics provider. @default 0.05 */
  readonly errorRate?: number | undefined;
  /**
   * Growth of a pod's memory that is a leak: a share of its limit, or of its level where it has none, an hour; judged from 15 minutes on, by the lower 99 % bound
   * of the Theil–Sen slope of its floor. @default 0.1
   */
  readonly memoryGrowth?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a watch has to say. `at`: ISO 8601 UTC. `incident`: it changed, by whomever. */
export type WatchOverEvent =
  | { readonly type: 'watch-start'; readonly at: string; readonly until: string }
  | { readonly type: 'look'; readonly at: string; readonly isWell: boolean | undefined; readonly says: string }
  /** About every 30 s, where there is a metrics provider. */
  | { readonly type: 'signals'; readonly at: string; readonly signals: Signals }
  | { readonly type: 'incident'; readonly at: string; readonly incident: Incident }
  | { readonly type: 'rollback'; readonly at: string; readonly incident: string; readonly rolloutId: string }
  | { readonly type: 'rollback-end'; readonly at: string; readonly incident: string; readonly outcome: Outcome }
  | { readonly type: 'watch-end'; readonly at: string; readonly open: readonly Incident[]; readonly signals?: SignalsSummary | undefined };

/** EC 3: the API is unreachable for this long. */
const unreachableMs = 60_000;
/** What a watch opened it closes once the app has been well for this long (the guide's "no errors for 60 s"). */
const wellMs = 60_000;

/**
 * Watches over an app after a release: opens incidents for what it sees (no pod that answers, nodes that are not ready, a cluster that does not answer, requests
 * that fail), lets each rule of EC 3 fire once at its time, and tells people. Deadlines are in the cluster: any number of these may watch, die and begin again.
 * Ends with `watch-end`, or by its signal. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export async function* watchOver(shepherd: Shepherd<never>, app: AppRef, options: WatchOverOptions = {}): AsyncIterable<WatchOverEvent> {
  const { for: forTime = '30m', every = '10s', auto = false, errorRate = 0.05, memoryGrowth = 0.1, signal: asked = new AbortController().signal } = options;
  const issues = [
    ...(['for', 'every'] as const).flatMap((key) => {
      const given = { for: forTime, every }[key];
      const ms = parseDuration(given);
      return ms !== undefined && ms >= (key === 'every' ? 1_000 : 0)
        ? []
        : [{ path: `watch.${key}`, got: shown(given), expected: 'a time such as 30m, at least 1s' }];
    }),
    ...(memoryGrowth > 0 ? [] : [{ path: 'watch.memoryGrowth', got: shown(memoryGrowth), expected: 'a share above 0, such as 0.1' }]),
    ...(errorRate > 0 && errorRate < 1 ? [] : [{ path: 'watch.errorRate', got: shown(errorRate), expected: 'a share between 0 and 1' }]),
  ];
  if (issues.length > 0) throw invalidOptions(issues);
  const left = new AbortController();
  const signal = AbortSignal.any([asked, left.signal]);
  const all = await incidentsOf(shepherd, app, signal);
  const { clock } = all.context;
  const looker = new Looker(all.platform, all.context, all.metrics, { errorRate, memoryGrowth });
  const watch = new Watch(all, looker, auto);
  const untilMs = clock.monotonicMs() + toMs(forTime);
  const at = (): string => clock.now().toISOString();
  try {
    yield { type: 'watch-start', at: at(), until: new Date(clock.now().getTime() + toMs(forTime)).toISOString() };
    for (;;) {
      const startedMs = clock.monotonicMs();
      yield* watch.turn();
      const back = watch.goesBack;
      if (back !== undefined) yield* goBack(shepherd, all, back, signal);
      if (startedMs >= untilMs && !watch.hasClocks) break;
      const rest = Math.min(startedMs + toMs(every), watch.nextMs, startedMs < untilMs ? untilMs : Number.POSITIVE_INFINITY) - clock.monotonicMs();
      await clock.sleep(Math.max(0, rest), signal).catch(() => undefined);
      if (asked.aborted) break;
    }
    await watch.told();
    yield { type: 'watch-end', at: at(), open: watch.open, ...(all.metrics === undefined ? {} : { signals: watch.signals }) };
  } catch (error) {
    if (!asked.aborted) throw error;
  } finally {
    left.abort();
  }
}

/** Goes back for an incident: under its id as key, so that a watch that died in between is followed by one that finds the same rollout. */
async function* goBack(shepherd: Shepherd<never>, { desk, actor, context }: Incidents, incident: Incident, signal: AbortSignal): AsyncIterable<WatchOverEvent> {
  const { clock, app } = context;
  const rollout = shepherd.rollback({ app, reason: 'Performance degradation - rollback to stable version' }, { key: incident.id });
  yield { type: 'rollback', at: clock.now().toISOString(), incident: incident.id, rolloutId: rollout.id };
  const outcome = await rollout.outcome;
  if (signal.aborted) return;
  yield { type: 'rollback-end', at: clock.now().toISOString(), incident: incident.id, outcome };
  // Where it did not work, the rollout's own notices call people (E2), and nobody tries again.
  await desk.update((record) =>
    outcome.kind === 'succeeded'
      ? resolved(record, incident.id, 'gone back to the version before', actor, desk.scene)
      : { ...record, incidents: record.incidents.map((each) => (each.id === incident.id ? withoutBack(each) : each)) },
  );
}

const withoutBack = ({ goesBack: _goesBack, ...incident }: Incident): Incident => incident;

class Watch {
  readonly #all: Incidents;
  readonly #looker: Looker;
  readonly #auto: boolean;
  #record: IncidentRecord | undefined;
  #seen = new Map<string, number>();
  #said: string | undefined;
  signals: SignalsSummary = {};
  /** When the cluster stopped to answer; monotonic and as a time. */
  #lost: { readonly ms: number; readonly at: Date; scene?: Scene } | undefined;
  #delivering: Promise<unknown> | undefined;
  readonly #over = new AbortController();

  constructor(all: Incidents, looker: Looker, auto: boolean) {
    this.#all = all;
    this.#looker = looker;
    this.#auto = auto;
  }

  get open(): readonly Incident[] {
    return this.#record === undefined ? [] : openIncidents(this.#record);
  }

  get hasClocks(): boolean {
    return this.open.some(({ clocks }) => clocks.length > 0);
  }

  get goesBack(): Incident | undefined {
    return this.#auto ? this.open.find(({ goesBack }) => goesBack === true) : undefined;
  }

  /** When the next clock is due, as a monotonic time. */
  get nextMs(): number {
    const { clock } = this.#all.context;
    const [now, ms] = [clock.now().getTime(), clock.monotonicMs()];
    const clocks = this.open.flatMap(({ clocks: all }) => all.map(({ at }) => ms + Math.max(0, Date.parse(at) - now)));
    const lost = this.#lost === undefined || this.#lost.scene !== undefined ? [] : [this.#lost.ms + unreachableMs];
    return Math.min(...clocks, ...lost, Number.POSITIVE_INFINITY);
  }

  async *turn(): AsyncIterable<WatchOverEvent> {
    const { clock, signal } = this.#all.context;
    const look = await this.#looker.look();
    const at = clock.now().toISOString();
    const isWell = isWellBy(look);
    const says = sayOf(look);
    if (says !== this.#said) yield { type: 'look', at, isWell, says };
    this.#said = says;
    if (look.signals !== undefined) {
      this.signals = summed(this.signals, look.signals);
      yield { type: 'signals', at, signals: look.signals };
    }
    try {
      if (look.unreachable !== undefined)
        throw new ShepherdError('ERR_UNREACHABLE', look.unreachable, {
          facts: { what: 'the cluster', reason: look.unreachable },
          remedy: 'see to it',
          retryable: true,
        });
      this.#record = await this.#all.desk.update((record) => this.#next(record, look, isWell));
      this.#lost = undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (!ShepherdError.is(error) || (error.code !== 'ERR_UNREACHABLE' && !error.retryable)) throw error;
      await this.#unreachable();
    }
    for (const incident of this.#record?.incidents ?? []) {
      const before = this.#seen.get(incident.id) ?? 0;
      this.#seen.set(incident.id, incident.sequence);
      if (incident.sequence > before) yield { type: 'incident', at: clock.now().toISOString(), incident };
    }
    if (this.#lost === undefined) this.#deliver();
  }

  #next(record: IncidentRecord, look: Look, isWell: boolean | undefined): IncidentRecord {
    const { desk, actor } = this.#all;
    const scene = desk.scene;
    const now = scene.now.toISOString();
    let next = record;
    // What was told while the cluster did not answer is stored now, as it was told.
    const lost = this.#lost;
    if (lost?.scene !== undefined) next = opened(next, { kind: 'cluster', reason: lostFor, by: actor, since: lost.at.toISOString(), seen: true }, lost.scene);
    if (typeof look.out === 'string') {
      // One look may meet a moment; the second one, in any process, is an outage, which began at the first.
      if (next.out === undefined) next = { ...next, out: now };
      else if (Date.parse(next.out) < scene.now.getTime())
        next = opened(next, { kind: 'outage', reason: look.out, by: actor, since: next.out, seen: true }, scene);
    } else if (look.out === false && next.out !== undefined) {
      const { out: _, ...rest } = next;
      next = rest;
    }
    if (look.cluster !== undefined) next = opened(next, { kind: 'cluster', reason: look.cluster, by: actor, seen: true }, scene);
    if (look.slow !== undefined) next = opened(next, { kind: 'degradation', reason: look.slow, by: actor, seen: true }, scene);
    next = this.#better(next, isWell, scene);
    return due(next, scene, { isWell, goesBack: this.#auto });
  }

  /** What a watch opened is over once the app has been well for a while. */
  #better(record: IncidentRecord, isWell: boolean | undefined, scene: Scene): IncidentRecord {
    const mine = openIncidents(record).filter(({ seen, goesBack }) => seen === true && goesBack !== true);
    if (mine.length === 0 || isWell !== true) {
      if (record.well === undefined) return record;
      const { well: _, ...rest } = record;
      return rest;
    }
    if (record.well === undefined) return { ...record, well: scene.now.toISOString() };
    if (scene.now.getTime() - Date.parse(record.well) < wellMs) return record;
    const reason = `well again for ${formatMs(scene.now.getTime() - Date.parse(record.well))}`;
    return mine.reduce((now, { id }) => resolved(now, id, reason, this.#all.actor, scene), record);
  }

  /** Nothing can be stored: what is to be told is told from here, under the ids that every watch comes to. */
  async #unreachable(): Promise<void> {
    const { desk, actor, context } = this.#all;
    const { clock } = context;
    this.#lost ??= { ms: clock.monotonicMs(), at: clock.now() };
    const lost = this.#lost;
    const base = this.#record;
    if (lost.scene !== undefined || base === undefined || clock.monotonicMs() - lost.ms < unreachableMs) return;
    const scene = desk.scene;
    lost.scene = scene;
    const made = opened(
      { ...base, outbox: { heads: {}, notices: [], dropped: 0 } },
      { kind: 'cluster', reason: lostFor, by: actor, since: lost.at.toISOString(), seen: true },
      scene,
    );
    let outbox: Outbox = made.outbox;
    const courier = new Courier({
      book: { outbox: () => outbox, mark: (change) => void (outbox = change(outbox)), store: async () => undefined },
      notifiers: scene.notifiers,
      clock,
      sent: desk.sent,
      trouble: () => undefined,
    });
    courier.finish();
    const stop = (): void => courier.stop();
    context.signal.addEventListener('abort', stop, { once: true });
    this.#delivering = Promise.all([this.#delivering, courier.done]).then(() => {
      context.signal.removeEventListener('abort', stop);
      this.#delivering = undefined;
    });
  }

  /** In the background: a channel that hangs must not keep a clock from firing. */
  #deliver(): void {
    const before = this.#delivering;
    if (before !== undefined || this.#record === undefined || this.#record.outbox.notices.length === 0) return;
    this.#delivering = this.#all.desk
      .deliver(AbortSignal.any([this.#all.context.signal, this.#over.signal]))
      .catch(() => undefined)
      .finally(() => void (this.#delivering = undefined));
  }

  /** Once everything was tried, or 15 s have passed. */
  async told(): Promise<void> {
    const { clock } = this.#all.context;
    const timer = new AbortController();
    void clock.sleep(15_000, timer.signal).then(
      () => this.#over.abort(),
      () => undefined,
    );
    await this.#delivering;
    this.#deliver();
    await this.#delivering;
    timer.abort();
  }
}

const lostFor = `the cluster has not answered for ${formatMs(unreachableMs)}`;

const isWellBy = ({ out, cluster, slow, unreachable }: Look): boolean | undefined => {
  if (unreachable !== undefined || out === undefined) return undefined;
  return out === false && cluster === undefined && slow === undefined;
};

const sayOf = ({ out, cluster, slow, unreachable }: Look): string => {
  if (unreachable !== undefined) return `the cluster does not answer: ${unreachable}`;
  const said = [typeof out === 'string' ? out : undefined, cluster, slow].filter((each) => each !== undefined);
  if (said.length > 0) return said.join('; ');
  return out === undefined ? 'its pods could not be asked' : 'well';
};
