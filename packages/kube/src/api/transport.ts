import type { Tls } from './kubeconfig/connection.js';

/** One request on its way to the server, credential included. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Client certificate of the credential; another one means another connection pool. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Streams have connections of their own, so that many watches never starve the calls. */
  readonly stream?: boolean | undefined;
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case; values of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends or throws when the request's signal aborts; leaving the loop early closes the stream. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** How bytes reach a server: HTTP, or an API in this process. `send` rejects with the socket's own error. */
export interface Wire {
  send(request: WireRequest): Promise<WireAnswer>;
  /** Ends every connection, those in use too. */
  close(): Promise<void>;
}

/** What a pool of connections needs to know of a server. */
export interface WireTarget {
  readonly server: string;
  readonly tls: Tls;
  /** @default direct */
  readonly proxy?: string | undefined;
}

/** The whole body as text; undefined when it is longer than the limit in bytes. */
export async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
