import { type Clock, systemClock, withDeadline } from '@shepherd/core';
import { createHttpWire } from './http-transport.js';
import type { CallOptions, ForwardAnswer, ForwardRequest, KubeApi, KubeObject, PatchType, SocketOptions } from './kube-api.js';
import { type KubeCall, KubeError, wasNeverSent } from './kube-error.js';
import { parseKubePath } from './kube-path.js';
import type { Connection } from './kubeconfig/connection.js';
import { listAll } from './list.js';
import { createMemoryWire } from './memory-transport.js';
import { manyListeners } from './on-abort.js';
import { type RetryPolicy, timeoutError, withRetry } from './retry.js';
import { SameTurn } from './same-turn.js';
import { type OnWarning, Sender } from './sender.js';
import { isSettled } from './settled.js';
import { bytesOf, type OpenSocket } from './transport.js';
import { WatchHub } from './watch-hub.js';

export interface KubeApiOptions {
  /** A function is called at the first use, and again after it failed. */
  readonly connection: Connection | (() => Promise<Connection>);
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** For jitter: 0 ≤ x < 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Gets what the server warns of (deprecated kinds, PodSecurity) and lines of a watch that cannot be read. @default dropped */
  readonly onWarning?: OnWarning | undefined;
}

const readMs = 30_000;
const writeMs = 60_000;
/** Who mistyped the server shall know soon. */
const unreachedReadMs = 3_000;
const maxJsonBytes = 256 * 1024 * 1024;
const maxRawBytes = 16 * 1024 * 1024;

const contentTypes: Readonly<Record<PatchType, string>> = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

const keyOf = (path: string, { query, timeoutMs }: CallOptions): string => JSON.stringify([path, query, timeoutMs]);

interface Call extends KubeCall {
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The API of one cluster, over pooled HTTP or in memory; connects at the first call. */
export function createKubeApi(options: KubeApiOptions): KubeApi {
  return new Client(options);
}

class Client implements KubeApi {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #options: KubeApiOptions;
  readonly #closing = new AbortController();
  /** A request has come to the server: what fails from then on is trouble on the way and no mistyped address. */
  #reached = false;
  readonly #hub: WatchHub;
  readonly #turn = new SameTurn();
  #sender: Promise<Sender> | undefined;

  constructor(options: KubeApiOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    const { onWarning = () => undefined } = options;
    this.#hub = new WatchHub({ sender: () => this.#connect(), clock: this.#clock, random: this.#random, onWarning });
  }

  async get<T extends KubeObject>(path: string, options: CallOptions = {}): Promise<T> {
    return this.#turn.read(keyOf(path, options), options.signal, () =>
      this.#json<T>({ method: 'GET', path, query: options.query }, options, { onLost: 'again' }),
    );
  }

  async list<T extends KubeObject>(path: string, options: CallOptions = {}): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    return this.#turn.read(keyOf(path, options), options.signal, () => this.#list<T>(path, options));
  }

  async #list<T extends KubeObject>(path: string, options: CallOptions): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    const call = { method: 'GET', path, query: options.query };
    const endsAt = this.#clock.monotonicMs() + (options.timeoutMs ?? readMs);
    return listAll<T>((query) => {
      const timeoutMs = endsAt - this.#clock.monotonicMs();
      if (timeoutMs <= 0) throw timeoutError(call, options.timeoutMs ?? readMs);
      const whole = { ...options.query, ...query };
      const expires = 'continue' in whole || 'resourceVersion' in whole;
      return this.#json({ ...call, query: whole }, { ...options, timeoutMs }, { onLost: 'again', expires });
    });
  }

  async create<T extends KubeObject>(path: string, body: object, options: CallOptions = {}): Promise<T> {
    const query = { fieldManager: 'shepherd', ...options.query };
    const call = { method: 'POST', path, query, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return this.#json<T>(call, options, this.#afterLostCreate<T>(call, body));
  }

  async patch<T extends KubeObject>(path: string, type: PatchType, body: object, options: CallOptions = {}): Promise<T> {
    const strict = type === 'apply' ? { force: 'false', fieldValidation: 'Strict' } : {};
    const query = { fieldManager: 'shepherd', ...strict, ...options.query };
    const call = { method: 'PATCH', path, query, body: JSON.stringify(body), headers: { 'content-type': contentTypes[type] } };
    const guarded = !Array.isArray(body) || body.some((operation: { op?: unknown }) => operation.op === 'test');
    const onLost = type !== 'json' ? 'again' : guarded ? 'look' : 'fail';
    return this.#json<T>(call, options, { onLost, settled: this.#settled<T>(path, query, (current) => isSettled(type, body, current)) });
  }

  async replace<T extends KubeObject>(path: string, body: object, options: CallOptions = {}): Promise<T> {
    const query = { fieldManager: 'shepherd', ...options.query };
    const call = { method: 'PUT', path, query, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return this.#json<T>(call, options, { onLost: 'again', settled: this.#settled<T>(path, query, (current) => isSettled('replace', body, current)) });
  }

  async delete(path: string, options: Parameters<KubeApi['delete']>[1] = {}): Promise<void> {
    const { preconditions, propagation = 'Background', query } = options;
    const body = JSON.stringify({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: propagation,
      ...(preconditions === undefined ? {} : { preconditions }),
    });
    const call = { method: 'DELETE', path, query, body, headers: { 'content-type': 'application/json' } };
    const going = (current: KubeObject): boolean =>
      current.metadata.deletionTimestamp !== undefined && (preconditions?.uid === undefined || preconditions.uid === current.metadata.uid);
    try {
      await this.#json(call, options, { onLost: 'again', settled: this.#settled(path, query, going) });
    } catch (error) {
      if (!KubeError.is(error, 404)) throw error;
    }
  }

  async raw(method: string, path: string, options: Parameters<KubeApi['raw']>[2] = {}): ReturnType<KubeApi['raw']> {
    const { query, headers, body, timeoutMs = method.toUpperCase() === 'GET' ? readMs : writeMs } = options;
    const call = { method: method.toUpperCase(), path, query, headers: { accept: '*/*', ...headers }, body };
    const signals = this.#signals(options.signal);
    return withDeadline({ clock: this.#clock, ms: timeoutMs, signals, onTimeout: () => timeoutError(call, timeoutMs) }, async (signal) => {
      const sender = await this.#connect();
      // Through a proxy a 401 may be the pod's own, and the request must not reach it twice.
      const send = { ...call, signal, once: parseKubePath(path).subresource === 'proxy' };
      const answer = await sender.send(send);
      return { status: answer.status, headers: answer.headers, text: await sender.read(send, answer, maxRawBytes) };
    });
  }

  async forward(request: ForwardRequest): Promise<ForwardAnswer> {
    this.#closing.signal.throwIfAborted();
    const sender = await this.#connect();
    const { status, headers, body } = await sender.send({ ...request, stream: true });
    return { status, headers, body: bytesOf(body) };
  }

  async socket(path: string, { signal, ...options }: SocketOptions): Promise<OpenSocket> {
    this.#closing.signal.throwIfAborted();
    const sender = await this.#connect();
    return sender.socket({ method: 'GET', path }, { ...options, signal: AbortSignal.any([this.#closing.signal, signal]) });
  }

  follow<T extends KubeObject>(path: string, options: Parameters<KubeApi['follow']>[1]): AsyncIterable<readonly T[]> {
    return this.#hub.follow<T>(path, options);
  }

  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await this.#hub.close();
    const sender = await this.#sender?.catch(() => undefined);
    await sender?.wire.close();
  }

  /** One JSON call under the rules of KC 2. */
  async #json<T>(call: Call, { signal, timeoutMs }: CallOptions, policy: RetryPolicy<T>): Promise<T> {
    const reads = call.method === 'GET';
    const unreachedMs = reads && !this.#reached ? unreachedReadMs : undefined;
    const context = { call, clock: this.#clock, random: this.#random, timeoutMs: timeoutMs ?? (reads ? readMs : writeMs), unreachedMs };
    return withRetry<T>({ ...context, signals: this.#signals(signal) }, policy, (inner) => this.#once<T>(call, inner));
  }

  async #once<T>(call: Call, signal: AbortSignal): Promise<T> {
    const sender = await this.#connect();
    try {
      const answer = await sender.json<T>({ ...call, signal }, maxJsonBytes);
      this.#reached = true;
      return answer;
    } catch (error) {
      this.#reached ||= KubeError.is(error) && !wasNeverSent(error);
      throw error;
    }
  }

  /** What ends a call: our own end, and the caller's signal. */
  #signals(signal: AbortSignal | undefined): readonly AbortSignal[] {
    const own = this.#closing.signal;
    return (signal === undefined ? [own] : [own, signal]).map(manyListeners);
  }

  #settled<T extends KubeObject>(
    path: string,
    query: Readonly<Record<string, string>> | undefined,
    matches: (current: T) => boolean,
  ): ((signal: AbortSignal) => Promise<T | undefined>) | undefined {
    // A dry run leaves nothing behind that could be found again.
    if (query?.['dryRun'] !== undefined) return undefined;
    return async (signal) => {
      try {
        const current = await this.#once<T>({ method: 'GET', path }, signal);
        return matches(current) ? current : undefined;
      } catch (error) {
        if (KubeError.is(error, 404)) return undefined;
        throw error;
      }
    };
  }

  #afterLostCreate<T extends KubeObject>(call: Call, body: object): RetryPolicy<T> {
    const { name } = (body as Partial<KubeObject>).metadata ?? {};
    const { subresource, resource } = parseKubePath(call.path);
    if (subresource !== undefined || resource.endsWith('reviews') || call.query?.['dryRun'] !== undefined) return { onLost: 'again' };
    if (name === undefined) return { onLost: 'fail' };
    const find = this.#settled<T>(`${call.path}/${encodeURIComponent(name)}`, undefined, (current) => {
      if (isSettled('create', body, current)) return true;
      throw new KubeError(call, `${name} exists, and is not what was to be created`, { status: 409, reason: 'AlreadyExists' });
    });
    return { onLost: 'look', settled: find };
  }

  #connect(): Promise<Sender> {
    this.#sender ??= this.#open().catch((error: unknown) => {
      this.#sender = undefined;
      throw error;
    });
    return this.#sender;
  }

  async #open(): Promise<Sender> {
    const given = this.#options.connection;
    const connection = typeof given === 'function' ? await given() : given;
    const wire = connection.transport === undefined ? createHttpWire(connection) : createMemoryWire(connection.transport, connection.server);
    return new Sender(connection, wire, this.#clock, this.#options.onWarning ?? (() => undefined));
  }
}

const closedError = (): KubeError => new KubeError({ method: 'GET', path: '/' }, 'the client was closed', { status: 0, reason: 'Closed' });
