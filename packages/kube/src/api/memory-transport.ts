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

async function sendBy(transport: Transport, server: string, { method, path, headers, body, signal, stream }: WireRequest): Promise<WireAnswer> {
  // Bytes of a child's own (protobuf) are no text.
  if (transport.plain !== undefined && !(body instanceof Uint8Array)) {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]));
    const answer = await transport.plain({ method, url: `${server}${path}`, headers: flat, body, signal });
    return { ...answer, body: answer.body instanceof ReadableStream ? chunksOf(answer.body, signal) : answer.body };
  }
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of typeof value === 'string' ? [value] : value) list.append(name, one);
  const answer = await transport(new Request(`${server}${path}`, { method, headers: list, signal, ...(body === undefined ? {} : { body }) }));
  const whole = stream === true ? chunksOf(answer.body, signal) : await untilAborted(signal, () => answer.text());
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: whole };
}

async function* chunksOf(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
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
