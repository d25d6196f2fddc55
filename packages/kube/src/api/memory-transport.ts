import type { Transport } from '@shepherd/core';
import { untilAborted } from './on-abort.js';
import type { Wire, WireAnswer, WireRequest } from './transport.js';

/** An API in this process, behind the same interface as HTTP. */
export function createMemoryWire(transport: Transport, server: string): Wire {
  const closing = new AbortController();
  return {
    async send(request) {
      closing.signal.throwIfAborted();
      request.signal.throwIfAborted();
      return untilAborted(request.signal, () => sendBy(transport, server, request));
    },
    async close() {
      closing.abort(Object.assign(new Error('the client is closed'), { code: 'Closed' }));
    },
  };
}

async function sendBy(transport: Transport, server: string, { method, path, headers, body, signal }: WireRequest): Promise<WireAnswer> {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of typeof value === 'string' ? [value] : value) list.append(name, one);
  const answer = await transport(new Request(`${server}${path}`, { method, headers: list, signal, ...(body === undefined ? {} : { body }) }));
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: chunksOf(answer, signal) };
}

async function* chunksOf(answer: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await untilAborted(signal, () => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    // After the end this does nothing; before it, the server learns that nobody reads.
    reader.cancel().catch(() => undefined);
  }
}
