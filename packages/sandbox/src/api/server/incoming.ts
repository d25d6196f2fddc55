import type { PlainRequest } from '@shepherd/core';

/** What the server needs of a request: those of `fetch` have it, and so have `plainRequest`s, which cost next to nothing. */
export interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly signal: AbortSignal;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

class PlainHeaders {
  readonly #headers: Readonly<Record<string, string>>;

  constructor(headers: Readonly<Record<string, string>>) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    return this.#headers[name.toLowerCase()] ?? null;
  }
}

export const plainRequest = ({ method, url, headers, body = '', signal }: PlainRequest): Incoming => ({
  method,
  url,
  headers: new PlainHeaders(headers),
  signal,
  text: async () => body,
  arrayBuffer: async () => new TextEncoder().encode(body).buffer as ArrayBuffer,
});
