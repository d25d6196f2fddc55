import { type Clock, ShepherdError, withDeadline } from '@shepherd/core';
import type { KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';
import { listAll, type Page } from './list.js';
import { Backoff, timeoutError } from './retry.js';
import type { OnWarning, Sender } from './sender.js';
import { WatchCache } from './watch-cache.js';
import { BrokenStreamError, runWatchStream } from './watch-stream.js';

export interface ListWatchContext {
  readonly sender: () => Promise<Sender>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onWarning: OnWarning;
}

const relistMs = 600_000;
const shortestStreamMs = 60_000;
const pageMs = 30_000;
const maxPageBytes = 256 * 1024 * 1024;

/** A stream that lived this long was no failure, whatever ended it. */
const healthyMs = 60_000;

/**
 * One list and the watch after it, forever, by the rules of KC 3. `start` runs until `stop`; what no retry mends (a 4xx other than 408, 410 and 429) ends it
 * as `failure`. `onChange` is called after the first list and after each change of the objects.
 */
export class ListWatch<T extends KubeObject> {
  readonly #cache = new WatchCache<T>();
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  #listedAt: number | undefined;
  #version: string | undefined;
  #running: Promise<void> | undefined;
  #wasGone = false;
  #failure: unknown;

  constructor(
    private readonly context: ListWatchContext,
    private readonly path: string,
    private readonly query: Readonly<Record<string, string>>,
    private readonly onChange: () => void,
  ) {
    this.#backoff = new Backoff(context.random);
  }

  /** Undefined before the first list. */
  snapshot(): readonly T[] | undefined {
    return this.#listedAt === undefined ? undefined : this.#cache.snapshot();
  }

  get failure(): unknown {
    return this.#failure;
  }

  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      this.#failure = error;
      this.onChange();
    });
  }

  /** Resolves when neither stream nor timer is left. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the watch was stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.context;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedAt = clock.monotonicMs();
      let error: unknown;
      try {
        if (this.#version === undefined || this.#isOld()) await this.#list();
        await this.#watch();
      } catch (thrown) {
        error = thrown;
      }
      if (signal.aborted) return;
      if (clock.monotonicMs() - startedAt >= healthyMs) this.#backoff.reset();
      await this.#settle(error, clock.monotonicMs() - startedAt);
    }
  }

  /** After a stream: what to do before the next one. */
  async #settle(error: unknown, livedMs: number): Promise<void> {
    if (error === undefined && livedMs >= healthyMs) return;
    const gone = KubeError.is(error, 410);
    if (gone || error instanceof BrokenStreamError || error instanceof RangeError) this.#version = undefined;
    else if (error !== undefined && isFinal(error)) throw error;
    const again = gone && !this.#wasGone;
    this.#wasGone = gone;
    // A version that is too old is normal once; the list mends it, and its followers should not wait.
    if (again) return;
    const asked = KubeError.is(error) ? (error.retryAfterMs ?? 0) : 0;
    await this.context.clock.sleep(Math.max(asked, this.#backoff.nextMs()), this.#stop.signal);
  }

  #isOld(): boolean {
    return this.#listedAt !== undefined && this.context.clock.monotonicMs() - this.#listedAt >= relistMs;
  }

  async #list(): Promise<void> {
    const { clock } = this.context;
    const call = { method: 'GET', path: this.path, query: this.query };
    const sender = await this.context.sender();
    const { items, resourceVersion } = await listAll<T>((query) =>
      withDeadline({ clock, ms: pageMs, signals: [this.#stop.signal], onTimeout: () => timeoutError(call, pageMs) }, async (signal) => {
        const page = { ...call, query: { ...this.query, ...query }, signal };
        return sender.json<Page<T>>(page, maxPageBytes);
      }),
    );
    const first = this.#listedAt === undefined;
    const changed = this.#cache.replace(items);
    this.#listedAt = clock.monotonicMs();
    this.#version = resourceVersion;
    if (changed || first) this.onChange();
  }

  async #watch(): Promise<void> {
    const { clock, random, onWarning } = this.context;
    const untilRelist = relistMs - (clock.monotonicMs() - (this.#listedAt ?? 0));
    const forMs = Math.max(shortestStreamMs, Math.min(300_000 + random() * 300_000, untilRelist));
    await runWatchStream<T>({
      sender: await this.context.sender(),
      clock,
      path: this.path,
      query: this.query,
      from: this.#version ?? '',
      forMs,
      signal: this.#stop.signal,
      onWarning: (text) => onWarning(text, { verb: 'watch', path: this.path }),
      onEvents: (events, resourceVersion) => {
        this.#version = resourceVersion;
        // Not `some`: each event must be taken in.
        const changes = events.filter(({ type, object }) => (type === 'DELETED' ? this.#cache.remove(object) : this.#cache.put(object)));
        if (changes.length > 0) this.onChange();
      },
    });
  }
}

/** What no retry mends. A credential plugin that failed may work the next time. */
function isFinal(error: unknown): boolean {
  if (ShepherdError.is(error)) return !error.retryable;
  if (!KubeError.is(error)) return true;
  const { status } = error;
  return status >= 400 && status < 500 && status !== 408 && status !== 410 && status !== 429;
}
