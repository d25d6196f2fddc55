import { observe } from './engine/observe.js';
import { readAppRecord } from './engine/read-record.js';
import type { Engine } from './engine/start.js';
import { stateOf } from './engine/state.js';
import type { EventHub } from './events/event-hub.js';
import { Registry } from './extend/registry.js';
import { defaultActor } from './internal/actor.js';
import { type Flushed, type FlushOptions, flushNotices } from './notices/flush.js';
import { checkedNotifiers } from './notices/routes.js';
import { checkedObservers } from './observers/checked.js';
import type { Plan } from './plan/plan.js';
import type { Target } from './plan/situation.js';
import type { PortContext } from './ports/context.js';
import type { LockHolder } from './ports/lock.js';
import type { Notifier } from './ports/notifier.js';
import type { Observer } from './ports/observer.js';
import type { Platform } from './ports/platform.js';
import { preflight } from './preflight/preflight.js';
import { addressOf, holderOf, notStarted } from './rollout/address.js';
import { attach } from './rollout/attach.js';
import { type Closed, type CloseOptions, closeAll } from './rollout/close.js';
import { type Located, locate, metricsOf, partsOf } from './rollout/clusters.js';
import { withDefaults } from './rollout/defaults.js';
import type { Inside } from './rollout/inside.js';
import { type ListFilter, listRollouts } from './rollout/list.js';
import { LiveRollout } from './rollout/live-rollout.js';
import { checkedRequest, prepareDeploy } from './rollout/prepare.js';
import { prepareRollback } from './rollout/prepare-rollback.js';
import { ranBefore } from './rollout/ran-before.js';
import { type RecoverOptions, recover } from './rollout/recover.js';
import type { DeployRequest, ParsedRequest, RollbackRequest, RunOptions } from './rollout/request.js';
import type { Listen, Rollout, RolloutState } from './rollout/rollout.js';
import { type Job, rolloutNotFound, run } from './rollout/run.js';
import { type Shared, share } from './rollout/shared.js';
import type { ShepherdOptions } from './shepherd-options.js';
import type { Actor, AppParts, AppRef } from './words/app.js';
import type { Finding } from './words/finding.js';
import type { Revision } from './words/revision.js';
import { parseRolloutId, rolloutId } from './words/rollout-id.js';

/** What functions of subpaths need of a Shepherd. Not for users. */
export let inside: (shepherd: Shepherd<never>) => Inside;

/**
 * The entrance: plans, releases, watches and takes back apps. Cheap to make; connects on first use; keeps no process alive while nothing runs. `in R`: one
 * that can release more fits where less is asked.
 */
export class Shepherd<in R = never> implements AsyncDisposable {
  static {
    inside = (shepherd) => ({
      clock: shepherd.#shared.clock,
      registry: shepherd.#registry,
      locate: async (parts, signal) => {
        const located = await shepherd.#locate(parts, signal);
        return { ...located, engine: shepherd.#engine({ platform: located.platform, cluster: located.app.cluster }) };
      },
      start: (app, options, prepare) => shepherd.#start(app, options, prepare),
    });
  }

  readonly #options: Omit<ShepherdOptions<never>, 'platform'>;
  readonly #shared: Shared;
  readonly #registry: Registry;
  readonly #actor: Actor;
  readonly #notifiers: readonly Notifier[];
  readonly #observers: readonly Observer[];

  /** @throws ShepherdError ERR_INVALID_OPTIONS */
  constructor(options: ShepherdOptions<R>, shared?: unknown) {
    this.#options = options as unknown as Omit<ShepherdOptions<never>, 'platform'>;
    this.#registry = new Registry(options.extensions);
    this.#actor = options.actor ?? defaultActor();
    this.#notifiers = checkedNotifiers(options.notifiers ?? []);
    this.#observers = checkedObservers(options.observers ?? []);
    this.#shared = (shared as Shared | undefined) ?? share(options as unknown as ShepherdOptions<never>);
  }

  /** A child on the same connections and watches with other settings: one a team, one a request. */
  with(overrides: Partial<Omit<ShepherdOptions<R>, 'platform' | 'clock'>>): Shepherd<R> {
    const { extensions = [], defaults } = this.#options;
    const merged = {
      ...this.#options,
      ...overrides,
      extensions: [...extensions, ...(overrides.extensions ?? [])],
      defaults: withDefaults(overrides.defaults ?? {}, defaults),
    };
    return new Shepherd<R>(merged as never, this.#shared);
  }

  /** The one door for JSON; loads the schemas on first use. @throws ShepherdError ERR_INVALID_OPTIONS (all issues), ERR_NOT_REGISTERED */
  async parseRequest(input: unknown): Promise<ParsedRequest> {
    const { parseRequest } = await import('./rollout/request-schema.js');
    return parseRequest(input, this.#registry);
  }

  /**
   * What would stand in the way of a deploy, errors first, down to missing rights and a cluster that does not answer. Writes nothing. @throws ShepherdError where
   * the request itself is wrong
   */
  async preflight(
    request: DeployRequest<R> | ParsedRequest,
    { signal = never() }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly Finding[]> {
    const asked = this.#checked(request);
    return preflight({
      request: asked,
      locate: () => this.#locate(partsOf(asked.app), signal),
      engine: ({ platform, app }) => this.#engine({ platform, cluster: app.cluster }),
    });
  }

  /** What would run. Writes nothing. @throws ShepherdError */
  async plan(
    request: DeployRequest<R> | ParsedRequest | RollbackRequest,
    { signal = never() }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Plan> {
    if (!('release' in request)) {
      const { platform, context } = await this.#locate(partsOf(request.app), signal);
      return (await prepareRollback(platform, context, this.#asRollback(request), this.#registry)).plan;
    }
    const asked = this.#checked(request);
    const { platform, context } = await this.#locate(partsOf(asked.app), signal);
    return (await prepareDeploy(this.#engine({ platform, cluster: context.app.cluster }), context, asked)).plan;
  }

  /** Where an app and its last rollout stand. Writes nothing. */
  async status(app: AppRef): Promise<{ readonly target: Target; readonly rollout: RolloutState | undefined }> {
    const { platform, context } = await this.#locate(partsOf(app), never());
    const [saved, holder] = await Promise.all([platform.journal.load(context), platform.lock.read(context)]);
    const record = readAppRecord(saved, context.app);
    const touched = record !== undefined && record.current.phase !== 'ended';
    const target = await observe(platform, { ...context, rolloutId: record?.current.id }, touched);
    return { target, rollout: record === undefined ? undefined : stateOf(record.current, holder?.heldBy) };
  }

  /** Who holds the lock of an app, by app or rollout id; undefined: nobody, or one that does not renew it any more. Writes nothing. */
  async lock(idOrApp: string | AppRef): Promise<LockHolder | undefined> {
    const { platform, context } = await this.#locateAny(idOrApp);
    return platform.lock.read(context);
  }

  /**
   * Takes the lock from whoever holds it for this very rollout. That process stops writing as soon as it renews, or when the next holder writes; the app stays as
   * it is until somebody resumes or aborts the rollout. @returns false: nobody held it @throws ShepherdError ERR_LOCK_HELD where another rollout holds it
   */
  async breakLock(rolloutId: string): Promise<boolean> {
    if (parseRolloutId(rolloutId) === undefined) throw rolloutNotFound(rolloutId);
    const { platform, context } = await this.#locateAny(rolloutId);
    const held = (await platform.lock.read(context)) !== undefined;
    await platform.lock.break(context, rolloutId);
    return held;
  }

  /** The revisions of an app, newest first. Writes nothing. */
  async history(app: AppRef): Promise<readonly Revision[]> {
    const { platform, context } = await this.#locate(partsOf(app), never());
    return platform.releases.list(context);
  }

  /** Releases. Returns at once, never throws: what goes wrong is in `started` and `outcome`. */
  deploy(request: DeployRequest<R> | ParsedRequest, options: RunOptions = {}): Rollout {
    return this.#start(request.app, options, async (engine, context, before) => prepareDeploy(engine, context, this.#checked(request), before));
  }

  /** Goes to an older revision, as a rollout of its own. Returns at once, never throws. */
  rollback(request: RollbackRequest, options: RunOptions = {}): Rollout {
    return this.#start(request.app, options, ({ platform }, context) => prepareRollback(platform, context, this.#asRollback(request), this.#registry));
  }

  /** By rollout id; by app: its running rollout, else its last. @throws ShepherdError ERR_ROLLOUT_NOT_FOUND */
  async get(idOrApp: string | AppRef): Promise<Rollout> {
    const address = typeof idOrApp === 'string' ? parseRolloutId(idOrApp) : undefined;
    const mine = typeof idOrApp === 'string' ? this.#shared.live.get(idOrApp) : undefined;
    if (mine !== undefined) return mine;
    const located = await this.#locateAny(idOrApp);
    const record = readAppRecord(await located.platform.journal.load(located.context), located.app);
    const id = address === undefined ? record?.current.id : (idOrApp as string);
    if (record === undefined || id === undefined) throw rolloutNotFound(String(typeof idOrApp === 'string' ? idOrApp : idOrApp.name));
    if (record.current.id !== id && !record.past.some((past) => past.id === id)) throw rolloutNotFound(id);
    return this.#shared.live.get(id) ?? this.#attach(located, id);
  }

  #locateAny(idOrApp: string | AppRef): Promise<Located> {
    return this.#locate((typeof idOrApp === 'string' ? parseRolloutId(idOrApp) : undefined) ?? partsOf(idOrApp), never());
  }

  #attach(located: Located, id: string): LiveRollout {
    const { closing, hub } = this.#shared;
    return this.#track(
      attach({
        engine: this.#engine({ platform: located.platform, cluster: located.app.cluster }),
        context: located.context,
        id,
        actor: this.#actor,
        closing: closing.signal,
      }),
      hub,
    );
  }

  /** The last rollout of each app that has one. */
  list(filter: ListFilter = {}): AsyncIterable<RolloutState> {
    const { clusters, clock, closing } = this.#shared;
    return listRollouts(clusters, clock, closing.signal, filter);
  }

  /**
   * Drives what nobody drives: once, or with `follow` for good (a replica picks up what another left). Waits for people stay waits. What nobody drove until its
   * `unwatchedDeadline` is taken back (RR CR-4). While a caller works on what it got, nothing is looked for.
   */
  recover(options: RecoverOptions = {}): AsyncIterable<Rollout> {
    const { clusters, clock, closing, live } = this.#shared;
    const located = (engine: Engine, context: PortContext): Located => ({ platform: engine.platform, app: context.app, context });
    return recover(
      {
        clock,
        clusters: clusters.names,
        apps: (cluster, namespaces, signal) => clusters.platform(cluster).platform.journal.list(namespaces, signal),
        engine: (cluster) => this.#engine(clusters.platform(cluster)),
        handle: (engine, context, id) => live.get(id) ?? this.#attach(located(engine, context), id),
      },
      options,
      AbortSignal.any([options.signal ?? never(), closing.signal]),
    );
  }

  /** Live events of all rollouts this Shepherd and its children drive. */
  readonly on: Listen<unknown> = (type, listener, options) =>
    this.#shared.hub.on(type, listener, options?.signal === undefined ? {} : { signal: options.signal });

  /**
   * Stops driving, frees the locks, closes what it opened. Rollouts end here as `detached`: whoever recovers goes on; with `hold` as `paused`: they stand until
   * somebody resumes them (one that goes back goes back to its end first). Either way the record says by when somebody must come where the new version has
   * traffic (RR CR-4). @default timeout '15s'
   */
  close(options: CloseOptions = {}): Promise<Closed> {
    return closeAll(this.#shared, this.#actor, options);
  }

  /** Delivers the notices that the journals hold and nobody is at: of processes that died, of channels that did not answer or refused. */
  flush(options: FlushOptions = {}): Promise<Flushed> {
    return flushNotices(this.#shared, (cluster) => this.#engine(this.#shared.clusters.platform(cluster)), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #asRollback(request: RollbackRequest): RollbackRequest {
    const { checks } = this.#options.defaults ?? {};
    return checks === undefined ? request : { checks, ...request };
  }

  #checked(request: DeployRequest<R> | ParsedRequest): DeployRequest {
    return checkedRequest(withDefaults(request as DeployRequest, this.#options.defaults) as DeployRequest, this.#registry);
  }

  async #locate(parts: AppParts, signal: AbortSignal): Promise<Located> {
    const { clusters, clock, closing } = this.#shared;
    return locate(clusters, parts, undefined, AbortSignal.any([signal, closing.signal]), clock);
  }

  #engine({ platform, cluster }: { readonly platform: Platform<unknown>; readonly cluster: string }): Engine {
    const metrics = metricsOf(this.#options.metrics, cluster);
    const notices = { notifiers: this.#notifiers, office: this.#shared.office };
    const observers = [...this.#observers, ...(platform.observer === undefined ? [] : [platform.observer])];
    for (const observer of observers) this.#shared.observers.add(observer);
    return { platform, metrics, clock: this.#shared.clock, registry: this.#registry, actor: this.#actor, holder: holderOf(this.#actor), observers, notices };
  }

  #start(app: DeployRequest['app'], options: RunOptions, prepare: Job['prepare']): Rollout {
    const { clusters, clock, live, closing, hub } = this.#shared;
    const address = addressOf(clusters, app);
    const id = rolloutId(address.parts, clock.now(), options.key);
    const known = live.get(id);
    if (known !== undefined) return known;
    const job: Job = {
      id,
      by: options.by ?? this.#actor,
      options,
      clock,
      prepare,
      locate: async (signal) => {
        if (address.error !== undefined) throw address.error;
        const located = await locate(clusters, partsOf(app), id, AbortSignal.any([signal, closing.signal]), clock);
        // Port calls outlive an abort of the rollout: going back needs them.
        return { engine: this.#engine({ platform: located.platform, cluster: located.app.cluster }), context: located.context };
      },
    };
    const rollout: LiveRollout = new LiveRollout(
      { id, actor: this.#actor, post: async (command) => rollout.keep(command), readState: async () => notStarted(id) },
      async (self, started) => {
        if (options.key !== undefined) {
          const before = await ranBefore(job, self, started);
          if (before !== undefined) return before;
        }
        return run(job, self, started);
      },
    );
    return this.#track(rollout, hub);
  }

  #track(rollout: LiveRollout, hub: EventHub): LiveRollout {
    const { live } = this.#shared;
    live.set(rollout.id, rollout);
    const forward = async (): Promise<void> => {
      for await (const event of rollout.events()) hub.relay(event);
    };
    void forward();
    void rollout.outcome.then(() => live.delete(rollout.id));
    return rollout;
  }
}

const never = (): AbortSignal => new AbortController().signal;
