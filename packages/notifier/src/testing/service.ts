import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that came. `body` as it was sent. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a service answers: text as it is, everything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

/**
 * What is wrong with a service. `rate-limited`: 429, come again in two seconds · `down`: 503 · `refuses`: as it refuses what it does not know (an address that was
 * revoked, a token that is none) · `gone`: 410 · `too-large`: 413 · `hangs`: takes the request and answers nothing · `resets`: cuts the connection ·
 * `redirects`: to an address inside the network · `endless`: an answer that does not end.
 */
export type Trouble = 'rate-limited' | 'down' | 'refuses' | 'gone' | 'too-large' | 'hangs' | 'resets' | 'redirects' | 'endless';

/** A service on loopback that answers as the real one does, and refuses what the real one would. `T`: a message as it keeps it. */
export interface Service<T> extends AsyncDisposable {
  /** Of the server, without a path. */
  readonly url: string;
  /** All that came, in order. */
  readonly asked: readonly Asked[];
  /** What it took and keeps, in order; an edit changes it in place. */
  readonly messages: readonly T[];
  /** For the next requests, until it is set again; a function decides for each. @default undefined: it is well */
  trouble: Trouble | undefined | ((asked: Asked, index: number) => Trouble | undefined);
  /** Resolves once it has kept this many messages. */
  kept(count: number): Promise<void>;
}

/** How one service works. `refuses`: its answer to what it does not know; `limited`: more of its answer where it is asked too often. */
export interface Ways<T> {
  take(asked: Asked, messages: T[]): Answer;
  readonly refuses: Answer;
  readonly limited?: Answer | undefined;
}

const troubled = (trouble: Trouble, { refuses, limited }: Pick<Ways<unknown>, 'refuses' | 'limited'>): Answer | undefined => {
  switch (trouble) {
    case 'rate-limited':
      return limited ?? { status: 429, headers: { 'retry-after': '2' } };
    case 'down':
      return { status: 503, body: 'upstream connect error' };
    case 'refuses':
      return refuses;
    case 'gone':
      return { status: 410, body: 'gone' };
    case 'too-large':
      return { status: 413, body: 'Request Entity Too Large' };
    case 'redirects':
      return { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } };
    default:
      return undefined;
  }
};

/** Starts a service. */
export async function startService<T>(ways: Ways<T>): Promise<Service<T>> {
  const asked: Asked[] = [];
  const messages: T[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service');
    const one: Asked = { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    const trouble = typeof service.trouble === 'function' ? service.trouble(one, asked.length - 1) : service.trouble;
    if (trouble === 'hangs') return;
    if (trouble === 'resets') return void request.socket.resetAndDestroy();
    if (trouble === 'endless') {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      return more();
    }
    const { status, headers, body } = (trouble === undefined ? undefined : troubled(trouble, ways)) ?? ways.take(one, messages);
    const isText = typeof body === 'string' || body === undefined;
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    response.end(status === 204 ? undefined : isText ? body : JSON.stringify(body));
    for (const { count, resolve } of waiting) if (messages.length >= count) resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: Service<T> = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    messages,
    trouble: undefined,
    kept: (count) => new Promise((resolve) => void (messages.length >= count ? resolve() : waiting.push({ count, resolve }))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

/** The body as an object; undefined where it is none. */
export function jsonOf({ body }: Asked): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Characters as services count them: code points. */
export const lengthOf = (text: unknown): number => (typeof text === 'string' ? [...text].length : 0);

export const listIn = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((each): each is Readonly<Record<string, unknown>> => typeof each === 'object' && each !== null) : [];
