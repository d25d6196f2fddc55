import type { JsonBody } from '@shepherd/core';
import type { Tls } from './kubeconfig/connection.js';

/** One request on its way to the server, credential included. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
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
  /** Bytes end or throw when the request's signal aborts; leaving the loop early closes the stream. Text and JSON came whole, in one process. */
  readonly body: AsyncIterable<Uint8Array> | JsonBody | string;
}

/** A request for a WebSocket, credential included. */
export type SocketRequest = Pick<WireRequest, 'path' | 'headers' | 'signal' | 'clientCertificate'> & {
  /** Sub-protocols, the best first; the server chooses. */
  readonly protocols: readonly string[];
};

/** An open WebSocket. `messages` ends when the connection does, however it does, and throws for one that breaks its rules. */
export interface OpenSocket {
  readonly protocol: string;
  readonly messages: AsyncIterable<Uint8Array>;
  /** Ends it at once. */
  close(): void;
}

/** An open WebSocket, or the HTTP answer by which the server refused one. */
export type SocketAnswer =
  | OpenSocket
  | { readonly refused: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string } };

/** How bytes reach a server: HTTP, or an API in this process. `send` rejects with the socket's own error. */
export interface Wire {
  send(request: WireRequest): Promise<WireAnswer>;
  /** Rejects with the socket's own error. @default an API in this process has none */
  socket?(request: SocketRequest): Promise<SocketAnswer>;
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

export const isJson = (body: object | string): body is JsonBody => typeof body === 'object' && 'kind' in body && body.kind === 'json';

/** The whole body as text; undefined when it is longer than the limit in bytes. */
export async function readText(body: WireAnswer['body'], limit: number): Promise<string | undefined> {
  if (typeof body === 'string') return Buffer.byteLength(body) > limit ? undefined : body;
  if (isJson(body)) return body.text();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The body as it comes, in bytes. */
export async function* bytesOf(body: WireAnswer['body']): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string' || isJson(body)) yield new TextEncoder().encode(typeof body === 'string' ? body : body.text());
  else yield* body;
}
