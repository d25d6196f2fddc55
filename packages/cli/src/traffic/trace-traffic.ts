import type { ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { shownArgv } from './argv.js';

/** Of undici, as far as it is read. Headers are names and values by turns. */
interface UndiciRequest {
  readonly origin?: unknown;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly unknown[] | string;
}

/** Of a query, what says more than it could give away. */
const shownQuery = ['watch', 'dryRun', 'labelSelector', 'fieldSelector'];

/** Path and the harmless part of the query of a request to the API server; what goes through its proxy is an app's own. Pure. */
export function shownPath(path: string): string {
  const [pathname = '', query = ''] = path.split('?', 2);
  if (/\/proxy(?:\/|$)/.test(pathname)) return pathname;
  const said = [...new URLSearchParams(query)].filter(([name]) => shownQuery.includes(name)).map(([name, value]) => `${name}=${value}`);
  return said.length === 0 ? pathname : `${pathname}?${said.join('&')}`;
}

/** @shepherd/kube says so of itself, and nothing else does. */
function isToApiServer({ headers }: UndiciRequest): boolean {
  const names = typeof headers === 'string' ? headers.split(/\r\n|: /) : headers.map(String);
  const at = names.findIndex((name) => name.toLowerCase() === 'user-agent');
  return at >= 0 && /^shepherd\/\d/.test(names[at + 1] ?? '');
}

/**
 * Says each request and each child process of this process, when it has been answered or has ended: method, path, status and time; of requests that are not to
 * the API server scheme and host alone, as a webhook's path is its secret. Never a body, a header or a credential.
 * @returns undoes it
 */
export function traceTraffic(say: (line: string) => void, nowMs: () => number): () => void {
  const undo: (() => void)[] = [];
  const on = <T>(name: string, heard: (message: T) => void): void => {
    const listener = (message: unknown): void => heard(message as T);
    channel(name).subscribe(listener);
    undo.push(() => void channel(name).unsubscribe(listener));
  };
  const begun = new WeakMap<object, number>();
  const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? (error as Error | undefined)?.name ?? 'failed';
  // Once for each: one that has been answered may still be given up, as a watch is.
  const over = (key: object, what: string, how: unknown): void => {
    const began = begun.get(key);
    if (began !== undefined) say(`${what} ${how} ${Math.round(nowMs() - began)} ms`);
    begun.delete(key);
  };
  const begin = (key: object): void => void begun.set(key, nowMs());

  const whatOf = (request: UndiciRequest): string => `${request.method} ${isToApiServer(request) ? shownPath(request.path) : originOf(String(request.origin))}`;
  on<{ request: UndiciRequest }>('undici:request:create', ({ request }) => begin(request));
  on<{ request: UndiciRequest; response: { statusCode: number } }>('undici:request:headers', ({ request, response }) =>
    over(request, whatOf(request), response.statusCode),
  );
  on<{ request: UndiciRequest; error: unknown }>('undici:request:error', ({ request, error }) => over(request, whatOf(request), reasonOf(error)));

  const sentTo = (request: ClientRequest): string => `${request.method} ${originOf(`${request.protocol}//${request.getHeader('host')}`)}`;
  on<{ request: ClientRequest }>('http.client.request.start', ({ request }) => {
    begin(request);
    request.once('error', (error) => over(request, sentTo(request), reasonOf(error)));
  });
  on<{ request: ClientRequest; response: IncomingMessage }>('http.client.response.finish', ({ request, response }) =>
    over(request, sentTo(request), response.statusCode),
  );

  on<{ process: ChildProcess }>('child_process', ({ process: child }) => {
    begin(child);
    child.once('exit', (code, signal) => over(child, `$ ${shownArgv(child.spawnargs)}`, code === null ? signal : `exit ${code}`));
  });
  return () => {
    for (const each of undo) each();
  };
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'another server');
