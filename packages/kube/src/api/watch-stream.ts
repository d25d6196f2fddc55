import type { Clock } from '@shepherd/core';
import type { KubeObject } from './kube-api.js';
import { errorOfAnswer, errorOfNetwork, KubeError } from './kube-error.js';
import { linesOf } from './lines.js';
import { onAbort } from './on-abort.js';
import type { Send, Sender } from './sender.js';
import { bytesOf } from './transport.js';

/** One line of a watch. */
type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: object };

export interface StreamContext<T> {
  readonly sender: Sender;
  readonly clock: Clock;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly from: string;
  /** How long the server is asked to keep the stream. */
  readonly forMs: number;
  readonly signal: AbortSignal;
  /** The events of one chunk, and the version that the stream has reached with them. */
  readonly onEvents: (events: readonly (WatchEvent<T> & { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' })[], resourceVersion: string) => void;
  readonly onWarning: (text: string) => void;
}

/** Longest silence: servers send bookmarks about once a minute (KC LW-6). */
export const silenceMs = 150_000;
/** A server that does not end the stream when it was asked to gets this much more. */
const graceMs = 30_000;

/** The stream said something that cannot be read, so events are lost: list again. */
export class BrokenStreamError extends Error {
  override readonly name = 'BrokenStreamError';
}

/**
 * Follows one watch request until the server ends it (resolves), it breaks or says ERROR (KubeError), it turns silent (KubeError `Silent`) or the signal
 * aborts (its reason).
 */
export async function runWatchStream<T extends KubeObject>(context: StreamContext<T>): Promise<void> {
  const { sender, clock, path, from, forMs, signal } = context;
  const query = { ...context.query, watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from, timeoutSeconds: String(Math.ceil(forMs / 1000)) };
  const own = new AbortController();
  if (signal.aborted) own.abort(signal.reason);
  const undo = onAbort(signal, () => own.abort(signal.reason));
  const call: Send = { method: 'GET', path, query, stream: true, signal: own.signal };
  const watchdog = new Watchdog(clock, forMs + graceMs, (reason) => own.abort(reason === 'silent' ? silent(call) : ended));
  try {
    own.signal.throwIfAborted();
    const answer = await sender.send(call);
    if (answer.status !== 200) throw await sender.failure(call, answer);
    await readEvents(context, call, bytesOf(answer.body), () => watchdog.touch());
  } catch (error) {
    const reason: unknown = own.signal.aborted ? own.signal.reason : error;
    if (reason !== ended) throw reason;
  } finally {
    watchdog.stop();
    undo();
    // Lets go of the socket when the loop was left before the stream's end.
    if (!own.signal.aborted) own.abort(ended);
  }
}

async function readEvents<T extends KubeObject>(
  { onEvents, onWarning, from }: StreamContext<T>,
  call: Send,
  body: AsyncIterable<Uint8Array>,
  onChunk: () => void,
): Promise<void> {
  let resourceVersion = from;
  const chunks = networkErrors(call, body);
  for await (const lines of linesOf(chunks, onChunk)) {
    const changes: (WatchEvent<T> & { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' })[] = [];
    let failure: unknown;
    for (const line of lines) {
      const event = parseEvent<T>(line);
      if (event === undefined) {
        onWarning(`a line of the watch cannot be read (${line.length} characters)`);
        failure = new BrokenStreamError(`the watch of ${call.path} sent a line that is no event`);
      } else if (event.type === 'ERROR') {
        failure = errorOfAnswer(call, { status: codeOf(event.object), headers: {}, text: JSON.stringify(event.object) });
      } else {
        resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
        if (event.type !== 'BOOKMARK') changes.push(event);
        continue;
      }
      break;
    }
    onEvents(changes, resourceVersion);
    if (failure !== undefined) throw failure;
  }
}

async function* networkErrors(call: Send, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    call.signal.throwIfAborted();
    throw errorOfNetwork(call, error);
  }
}

function parseEvent<T extends KubeObject>(line: string): WatchEvent<T> | undefined {
  try {
    const event = JSON.parse(line) as WatchEvent<T>;
    const known = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'].includes(event.type) && typeof event.object === 'object' && event.object !== null;
    return known && (event.type === 'ERROR' || 'metadata' in event.object) ? event : undefined;
  } catch {
    return undefined;
  }
}

const codeOf = (status: object): number => {
  const { code } = status as { code?: unknown };
  return typeof code === 'number' ? code : 500;
};

const ended = Symbol('the stream had its time');

const silent = (call: Send): KubeError => new KubeError(call, `not a byte for ${silenceMs / 1000} s`, { status: 0, reason: 'Silent' });

/** One sleeping timer a stream: wakes when silence or the stream's time could be over, and looks. */
class Watchdog {
  readonly #done = new AbortController();
  #lastByteAt: number;

  constructor(
    private readonly clock: Clock,
    lifeMs: number,
    onBite: (reason: 'silent' | 'over') => void,
  ) {
    this.#lastByteAt = clock.monotonicMs();
    void this.#run(this.#lastByteAt + lifeMs, onBite).catch(() => undefined);
  }

  touch(): void {
    this.#lastByteAt = this.clock.monotonicMs();
  }

  stop(): void {
    this.#done.abort();
  }

  async #run(endsAt: number, onBite: (reason: 'silent' | 'over') => void): Promise<void> {
    for (;;) {
      const now = this.clock.monotonicMs();
      if (now >= this.#lastByteAt + silenceMs) return onBite('silent');
      if (now >= endsAt) return onBite('over');
      await this.clock.sleep(Math.min(this.#lastByteAt + silenceMs, endsAt) - now, this.#done.signal);
    }
  }
}
