import { readAppRecord } from '../engine/read-record.js';
import type { RolloutRecord } from '../engine/record.js';
import { isOverdue } from '../engine/resting.js';
import type { Engine } from '../engine/start.js';
import { ShepherdError } from '../errors/shepherd-error.js';
import { holdingIncident } from '../incidents/holding.js';
import type { Clock } from '../ports/clock.js';
import type { PortContext } from '../ports/context.js';
import { type App, formatApp } from '../words/app.js';
import type { LiveRollout } from './live-rollout.js';
import type { Rollout } from './rollout.js';

/** Where apps with a record are looked for, and how often. */
const listEveryMs = 5_000;
/** Whether one that somebody drove is free by now. */
const lookEveryMs = 1_000;

/**
 * `namespaces` @default all. `follow`: for good, so that a replica picks up what another left. `only: 'overdue'`: nothing but what nobody drove until its
 * `unwatchedDeadline`, and that is taken back, never driven forward. `onError`: an app that cannot be looked after (no right, a broken journal, something of
 * one's own that is not registered here), once as long as it stays the same; the others go on. Without it the first one rejects at the end of a run without
 * `follow`.
 */
export interface RecoverOptions {
  readonly namespaces?: readonly string[] | undefined;
  readonly follow?: boolean | undefined;
  readonly only?: 'overdue' | undefined;
  readonly onError?: ((error: unknown, app: App | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Who ends a rollout delivers its notices for about this long. */
const leftAloneMs = 180_000;

/** What the search works with. */
export interface RecoverWorld {
  readonly clock: Clock;
  readonly clusters: readonly string[];
  apps(cluster: string, namespaces: readonly string[] | undefined, signal: AbortSignal): AsyncIterable<Omit<App, 'cluster'>>;
  engine(cluster: string): Engine;
  /** The handle of a rollout: the one that is there, else a new one. */
  handle(engine: Engine, context: PortContext, id: string): LiveRollout;
}

/** Takes up what nobody drives. Never the same rollout as another process: the lock decides. */
export async function* recover(world: RecoverWorld, options: RecoverOptions, until: AbortSignal): AsyncIterable<Rollout> {
  const search = new Search(world, options, until);
  let listedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const now = world.clock.monotonicMs();
    if (now - listedAt >= listEveryMs) {
      listedAt = now;
      yield* search.all();
    } else yield* search.unfinished();
    if (until.aborted) return;
    if (options.follow !== true) break;
    await world.clock.sleep(lookEveryMs, until).catch(() => undefined);
    if (until.aborted) return;
  }
  search.throwFirst();
}

class Search {
  readonly #world: RecoverWorld;
  readonly #options: RecoverOptions;
  readonly #until: AbortSignal;
  /** Rollouts that have not ended and that this process does not drive. */
  readonly #unfinished = new Map<string, App>();
  readonly #said = new Map<string, string>();
  #first: unknown;

  constructor(world: RecoverWorld, options: RecoverOptions, until: AbortSignal) {
    this.#world = world;
    this.#options = options;
    this.#until = until;
  }

  /** Every app that has a record. */
  async *all(): AsyncIterable<Rollout> {
    const seen = new Set<string>();
    for (const cluster of this.#world.clusters) {
      try {
        for await (const found of this.#world.apps(cluster, this.#options.namespaces, this.#until)) {
          const app = { cluster, ...found };
          seen.add(formatApp(app));
          yield* this.#one(app);
          if (this.#until.aborted) return;
        }
        this.#said.delete(cluster);
      } catch (error) {
        this.#report(cluster, error, undefined);
      }
    }
    for (const key of this.#unfinished.keys()) if (!seen.has(key)) this.#unfinished.delete(key);
  }

  /** Those that somebody drove, or that waited for something, when they were looked at last. */
  async *unfinished(): AsyncIterable<Rollout> {
    for (const app of this.#unfinished.values()) {
      if (this.#until.aborted) return;
      yield* this.#one(app);
    }
  }

  async *#one(app: App): AsyncIterable<Rollout> {
    const key = formatApp(app);
    let taken: LiveRollout | undefined;
    try {
      taken = await this.#take(app, key);
      this.#said.delete(key);
    } catch (error) {
      // Another process was faster.
      if (!ShepherdError.is(error, 'ERR_LOCK_HELD')) this.#report(key, error, app);
    }
    if (taken !== undefined) yield taken;
  }

  async #take(app: App, key: string): Promise<LiveRollout | undefined> {
    const { clock } = this.#world;
    const engine = this.#world.engine(app.cluster);
    const { lock, journal } = engine.platform;
    const context: PortContext = { app, rolloutId: undefined, signal: this.#until, clock };
    // The lock first: as long as somebody holds it, the record need not be read.
    const held = (await lock.read(context)) !== undefined;
    if (held && this.#unfinished.has(key)) return undefined;
    const record = readAppRecord(await journal.load(context), app)?.current;
    if (record === undefined || record.phase === 'ended') {
      this.#unfinished.delete(key);
      if (record !== undefined && !held) await this.#deliver(engine, context);
      return undefined;
    }
    this.#unfinished.set(key, app);
    const overdue = isOverdue(record, clock.now());
    if (held || (this.#options.only === 'overdue' && !overdue)) return undefined;
    // While an incident holds a person takes it back, or nobody (EC 3, E3 and E4).
    const takesBack = overdue && record.phase === 'forward' && (await holdingIncident(engine.platform, context)) === undefined;
    if (this.#options.only === 'overdue' && record.phase === 'forward' && !takesBack) return undefined;
    const rollout = this.#world.handle(engine, context, record.id);
    if (rollout.driver !== undefined) return undefined;
    return (await rollout.takeOver(takesBack ? backAgain(record, engine) : undefined)) ? rollout : undefined;
  }

  /** What nobody got yet of rollouts that ended: at once, or (`follow`) after whoever ended them has had its time. */
  async #deliver(engine: Engine, context: PortContext): Promise<void> {
    const before = this.#options.follow === true ? { before: new Date(context.clock.now().getTime() - leftAloneMs) } : {};
    await engine.notices?.office.take(engine, context, before);
  }

  #report(key: string, error: unknown, app: App | undefined): void {
    if (this.#until.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (this.#said.get(key) === message) return;
    this.#said.set(key, message);
    this.#first ??= error;
    this.#options.onError?.(error, app);
  }

  /** For a run that ends and has nobody to tell. */
  throwFirst(): void {
    if (this.#options.onError === undefined && this.#first !== undefined) throw this.#first;
  }
}

/** Nobody came in time: it goes back, whoever finds it. */
const backAgain = ({ unwatchedDeadline }: RolloutRecord, { actor }: Engine) =>
  ({ kind: 'abort', by: actor, reason: `nobody drove it until ${unwatchedDeadline}, with traffic on the new version` }) as const;
