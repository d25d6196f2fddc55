import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a plugin asked of its backend. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** What the double answers; `hang`: nothing, the connection stays open. Text goes out as it is, everything else as JSON. */
export type Answer = { readonly status?: number | undefined; readonly headers?: Readonly<Record<string, string>> | undefined; readonly body: unknown } | 'hang';

export interface Double extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Resolves with the next request. */
  next(): Promise<Asked>;
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? {}));

/** An HTTP backend on loopback. */
export async function startDouble(answer: (asked: Asked) => Answer): Promise<Double> {
  const asked: Asked[] = [];
  const waiting: ((asked: Asked) => void)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const one: Asked = { path: pathname, query: searchParams, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    for (const resolve of waiting.splice(0)) resolve(one);
    const reply = answer(one);
    if (reply === 'hang') return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(textOf(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    next: () => new Promise((resolve) => void waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The URL of a backend that is down. */
export async function closedUrl(): Promise<string> {
  const double = await startDouble(() => 'hang');
  await double[Symbol.asyncDispose]();
  return double.url;
}
