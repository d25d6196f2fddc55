import { observe } from './engine/observe.js';
import { readAppRecord } from './engine/read-record.js';
import type { Engine } from './engine/start.js';
import { stateOf } from './engine/state.js';
import { invalidOptions, ShepherdError } from './errors/shepherd-error.js';
import { EventHub } from './events/event-hub.js';
import { Registry } from './extend/registry.js';
import { defaultActor } from './internal/actor.js';
import { systemClock } from './internal/system-clock.js';
import type { Plan } from './plan/plan.js';
import type { Target } from './plan/situation.js';
import type { Clock } from './ports/clock.js';
import type { PortContext } from './ports/context.js';
import { attach } from './rollout/attach.js';
import { Clusters, type Located, locate, partsOf } from './rollout/clusters.js';
import { withDefaults } from './rollout/defaults.js';
import { followRecord } from './rollout/follow.js';
import { LiveRollout } from './rollout/live-rollout.js';
import type { Outcome } from './rollout/outcome.js';
import { checkedRequest, type Prepared, prepareDeploy } from './rollout/prepare.js';
import { prepareRollback } from './rollout/prepare-rollback.js';
import type { DeployRequest, ParsedRequest, RollbackRequest, RunOptions } from './rollout/request.js';
import type { Listen, Rollout, RolloutState } from './rollout/rollout.js';
import { type Job, rolloutNotFound, run } from './rollout/run.js';
import type { ShepherdOptions } from './shepherd-options.js';
import type { Actor, AppParts, AppRef } from './words/app.js';
import { type Duration, toMs } from './words/duration.js';
import type { Finding } from './words/finding.js';
import type { Revision } from './words/revision.js';
import { parseRolloutId, rolloutId } from './words/rollout-id.js';

const recoverEveryMs = 5_000;

/** What a Shepherd and its children share. */
interface Shared {
  readonly clusters: Clusters;
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly live: Map<string, LiveRollout>;
  readonly closing: AbortController;
}

/**
 * The entrance: plans, releases, watches and takes back apps. Cheap to make; connects on first use; keeps no process alive while nothing runs. `in R`: one
 * that can release more fits where less is asked.
 */
export class Shepherd<in R = never> implements AsyncDisposable {
  readonly #options: Omit<ShepherdOptions<never>, 'platform'>;
  readonly #shared: Shared;
  readonly #registry: Registry;
  readonly #actor: Actor;

  /** @throws ShepherdError ERR_INVALID_OPTIONS */
  constructor(options: ShepherdOptions<R>, shared?: unknown) {
    if ((options.notifiers?.length ?? 0) > 0) {
      throw invalidOptions(
        [{ path: 'notifiers', got: `${options.notifiers?.length}`, expected: 'none: notifiers are not built yet' }],
        'listen to events instead: shepherd.on(…)',
      );
    }
    this.#options = options as unknown as Omit<ShepherdOptions<never>, 'platform'>;
    this.#registry = new Registry(options.extensions);
    this.#actor = options.actor ?? defaultActor();
    this.#shared = (shared as Shared | undefined) ?? Shepherd.#share(options as unknown as ShepherdOptions<never>);
  }

  static #share({ platform, clock }: ShepherdOptions<never>): Shared {
    const clusters = new Clusters(platform as never);
    return { clusters, clock: clock ?? clusters.clock ?? systemClock, hub: new EventHub(), live: new Map(), closing: new AbortController() };
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

  /** What would stand in the way of a deploy. Writes nothing. @throws ShepherdError where the request itself is wrong */
  async preflight(
    request: DeployRequest<R> | ParsedRequest,
    { signal = never() }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly Finding[]> {
    const asked = this.#checked(request);
    const { platform, context } = await this.#locate(partsOf(asked.app), signal);
    const found = (await platform.preflight?.(context)) ?? [];
    try {
      return [...found, ...(await prepareDeploy(platform, context, asked)).plan.warnings];
    } catch (error) {
      if (ShepherdError.is(error, 'ERR_PREFLIGHT')) return [...found, ...error.facts.findings];
      throw error;
    }
  }

  /** What would run. Writes nothing. @throws ShepherdError */
  async plan(
    request: DeployRequest<R> | ParsedRequest | RollbackRequest,
    { signal = never() }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Plan> {
    if (!('release' in request)) {
      const { platform, context } = await this.#locate(partsOf(request.app), signal);
      return (await prepareRollback(platform, context, request)).plan;
    }
    const asked = this.#checked(request);
    const { platform, context } = await this.#locate(partsOf(asked.app), signal);
    return (await prepareDeploy(platform, context, asked)).plan;
  }

  /** Where an app and its last rollout stand. Writes nothing. */
  async status(app: AppRef): Promise<{ readonly target: Target; readonly rollout: RolloutState | undefined }> {
    const { platform, context } = await this.#locate(partsOf(app), never());
    const [saved, holder] = await Promise.all([platform.journal.load(context), platform.lock.read(context)]);
    const record = readAppRecord(saved, context.app);
    const touched = record !== undefined && record.current.phase !== 'ended';
    const target = await observe(platform as never, { ...context, rolloutId: record?.current.id }, touched);
    return { target, rollout: record === undefined ? undefined : stateOf(record.current, holder?.heldBy) };
  }

  /** The revisions of an app, newest first. Writes nothing. */
  async history(app: AppRef): Promise<readonly Revision[]> {
    const { platform, context } = await this.#locate(partsOf(app), never());
    return platform.releases.list(context);
  }

  /** Releases. Returns at once, never throws: what goes wrong is in `started` and `outcome`. */
  deploy(request: DeployRequest<R> | ParsedRequest, options: RunOptions = {}): Rollout {
    return this.#start(request.app, options, async ({ platform }, context) => prepareDeploy(platform, context, this.#checked(request)));
  }

  /** Goes to an older revision, as a rollout of its own. Returns at once, never throws. */
  rollback(request: RollbackRequest, options: RunOptions = {}): Rollout {
    return this.#start(request.app, options, ({ platform }, context) => prepareRollback(platform, context, request));
  }

  /** By rollout id; by app: its running rollout, else its last. @throws ShepherdError ERR_ROLLOUT_NOT_FOUND */
  async get(idOrApp: string | AppRef): Promise<Rollout> {
    const address = typeof idOrApp === 'string' ? parseRolloutId(idOrApp) : undefined;
    const mine = typeof idOrApp === 'string' ? this.#shared.live.get(idOrApp) : undefined;
    if (mine !== undefined) return mine;
    const located = await this.#locate(address ?? partsOf(idOrApp), never());
    const record = readAppRecord(await located.platform.journal.load(located.context), located.app);
    const id = address === undefined ? record?.current.id : (idOrApp as string);
    if (record === undefined || id === undefined) throw rolloutNotFound(String(typeof idOrApp === 'string' ? idOrApp : idOrApp.name));
    if (record.current.id !== id && !record.past.some((past) => past.id === id)) throw rolloutNotFound(id);
    return (
      this.#shared.live.get(id) ??
      this.#track(
        attach({ engine: this.#engine(located), context: located.context, id, actor: this.#actor, closing: this.#shared.closing.signal }),
        this.#shared.hub,
      )
    );
  }

  /** The last rollout of each app that has one. */
  async *list({
    namespaces,
    running,
  }: {
    readonly namespaces?: readonly string[] | undefined;
    readonly running?: boolean | undefined;
  } = {}): AsyncIterable<RolloutState> {
    for (const [cluster, platform] of this.#shared.clusters.all) {
      for await (const app of platform.journal.list(namespaces, this.#shared.closing.signal)) {
        const context: PortContext = { app: { cluster, ...app }, rolloutId: undefined, signal: this.#shared.closing.signal, clock: this.#shared.clock };
        const record = readAppRecord(await platform.journal.load(context), context.app);
        if (record === undefined) continue;
        const state = stateOf(record.current, (await platform.lock.read(context))?.heldBy);
        if (running === undefined || running === (state.now.kind !== 'ended')) yield state;
      }
    }
  }

  /** Drives what nobody drives: once, or with `follow` for good (a replica picks up what another left). Waits for people stay waits. */
  async *recover({
    namespaces,
    follow = false,
    signal = never(),
  }: {
    readonly namespaces?: readonly string[] | undefined;
    readonly follow?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {}): AsyncIterable<Rollout> {
    const until = AbortSignal.any([signal, this.#shared.closing.signal]);
    while (!until.aborted) {
      for await (const { id, driver } of this.list({ namespaces, running: true })) {
        if (until.aborted) return;
        if (driver !== undefined || this.#shared.live.has(id)) continue;
        const rollout = (await this.get(id)) as LiveRollout;
        await rollout.resume();
        yield rollout;
      }
      if (!follow) return;
      await this.#shared.clock.sleep(recoverEveryMs, until).catch(() => undefined);
    }
  }

  /** Live events of all rollouts this Shepherd and its children drive. */
  readonly on: Listen<unknown> = (type, listener, options) =>
    this.#shared.hub.on(type, listener, options?.signal === undefined ? {} : { signal: options.signal });

  /** Finishes the write in flight, frees the locks (`detached`: whoever recovers goes on), closes what it opened. @default timeout '15s' */
  async close({
    timeout = '15s',
  }: {
    readonly timeout?: Duration | undefined;
  } = {}): Promise<{ readonly undelivered: readonly { readonly notifier: string; readonly why: string }[] }> {
    const { live, closing, clusters, clock } = this.#shared;
    const reason = 'this Shepherd was closed';
    closing.abort(
      new ShepherdError('ERR_ABORTED', reason, {
        facts: { by: this.#actor, reason },
        remedy: 'close it after its rollouts have an outcome: await rollout.outcome',
      }),
    );
    const driven = [...live.values()];
    for (const { driver } of driven) driver?.interrupt({ kind: 'detach' });
    const timer = new AbortController();
    await Promise.race([Promise.all(driven.map(({ outcome }) => outcome)), clock.sleep(toMs(timeout), timer.signal).catch(() => undefined)]);
    timer.abort();
    await Promise.all(clusters.all.map(([, platform]) => platform[Symbol.asyncDispose]?.()));
    return { undelivered: [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checked(request: DeployRequest<R> | ParsedRequest): DeployRequest {
    return checkedRequest(withDefaults(request as DeployRequest, this.#options.defaults) as DeployRequest, this.#registry);
  }

  async #locate(parts: AppParts, signal: AbortSignal): Promise<Located> {
    const { clusters, clock, closing } = this.#shared;
    return locate(clusters, parts, undefined, AbortSignal.any([signal, closing.signal]), clock);
  }

  #engine({ platform }: Located): Engine {
    return { platform, clock: this.#shared.clock, registry: this.#registry, actor: this.#actor, holder: holderOf(this.#actor) };
  }

  #start(app: DeployRequest['app'], options: RunOptions, prepare: (engine: Engine, context: PortContext) => Promise<Prepared>): Rollout {
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
        return { engine: this.#engine(located), context: located.context };
      },
    };
    const rollout: LiveRollout = new LiveRollout(
      { id, actor: this.#actor, post: async (command) => rollout.keep(command), readState: async () => notStarted(id) },
      async (self, started) => {
        if (options.key !== undefined) {
          const before = await this.#ranBefore(job, self, started);
          if (before !== undefined) return before;
        }
        return run(job, self, started);
      },
    );
    return this.#track(rollout, hub);
  }

  /** A rollout with this idempotency key is there already: follow it instead. */
  async #ranBefore(job: Job, rollout: LiveRollout, started: (plan: Plan) => void): Promise<Outcome | undefined> {
    try {
      const { engine, context } = await job.locate(job.options.signal ?? never());
      const record = readAppRecord(await engine.platform.journal.load(context), context.app);
      const past = record?.past.find(({ id }) => id === job.id);
      if (past !== undefined) return past.outcome;
      if (record?.current.id !== job.id) return undefined;
      started(record.current.plan);
      return await followRecord(engine, context, job.id, rollout);
    } catch {
      return undefined; // `run` meets the same trouble and says it
    }
  }

  #track(rollout: LiveRollout, hub: EventHub): Rollout {
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

/** Names a process for people; the random part tells two runs of one actor apart. */
const holderOf = ({ name }: Actor): string => `${name}#${crypto.randomUUID().slice(0, 8)}`;

function addressOf(clusters: Clusters, app: DeployRequest['app']): { readonly parts: AppParts & { readonly cluster: string }; readonly error?: unknown } {
  try {
    const parts = partsOf(app);
    return { parts: { ...parts, cluster: clusters.platform(parts.cluster).cluster } };
  } catch (error) {
    return { parts: { cluster: clusters.names[0] ?? '-', name: '-' }, error };
  }
}

const notStarted = (id: string): RolloutState => ({ id, targets: [], weight: 0, driver: undefined, sequence: 0, now: { kind: 'progressing', step: 0, of: 0 } });
