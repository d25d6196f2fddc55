import type { Clock, Transport } from '@shepherd/core';
import { isWatch } from '../api-call.js';

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Looks at each request of a process, as it goes out and as its answer comes in; may kill the process there. */
export interface Tap {
  before(request: Request): void | Promise<void>;
  after(request: Request): void;
}

/**
 * What a process has of the world, a transport and a clock, with a switch: from the kill on neither answers nor wakes anybody, so nothing that waits for one
 * of them has any effect any more. Its connections are cut; its timers run out unheard, none is set again.
 */
export class Mortal {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly #connections = new Set<AbortController>();
  #dead = false;

  constructor(clock: Clock, transport: Transport, tap: Tap) {
    this.clock = {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: (ms, signal) => (this.#dead ? never() : this.#heard(clock.sleep(ms, signal))),
    };
    this.transport = async (request) => {
      if (!this.#dead) await tap.before(request);
      if (this.#dead) return never();
      const answer = await this.#send(transport, request);
      if (!this.#dead) tap.after(request);
      return this.#dead ? never() : answer;
    };
  }

  /** As SIGKILL does. */
  kill(): void {
    this.#dead = true;
    for (const each of this.#connections) each.abort(killed);
    this.#connections.clear();
  }

  /** A watch goes over a connection that is cut when the process dies; what was sent before is done by the server whatever becomes of the sender. */
  async #send(transport: Transport, request: Request): Promise<Response> {
    if (!isWatch(request.url)) return transport(request);
    const connection = new AbortController();
    this.#connections.add(connection);
    request.signal.addEventListener('abort', () => connection.abort(request.signal.reason), { once: true });
    connection.signal.addEventListener('abort', () => this.#connections.delete(connection), { once: true });
    const answer = await transport(new Request(request, { signal: connection.signal }));
    const reader = answer.body?.getReader();
    if (reader === undefined) return answer;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const { done, value } = await reader.read();
      if (this.#dead) return never();
      if (done) controller.close();
      else controller.enqueue(value);
    };
    const body = new ReadableStream<Uint8Array>({ pull, cancel: (reason) => reader.cancel(reason) }, { highWaterMark: 0 });
    return new Response(body, { status: answer.status, headers: answer.headers });
  }

  /** The end of this work, for as long as there is somebody to hear of it. */
  #heard<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      work.then(
        (value) => (this.#dead ? undefined : resolve(value)),
        (error: unknown) => (this.#dead ? undefined : reject(error)),
      );
    });
  }
}

const killed = new Error('killed');
