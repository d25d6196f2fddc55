import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegistryDouble extends AsyncDisposable {
  /** `localhost:PORT`: container runtimes speak plain HTTP to it. */
  readonly host: string;
}

/** A registry that has nothing to give, by the first part of the repository's name: `missing`, `private`, `forbidden`, `limited`, `broken`. On loopback. */
export async function registryDouble(): Promise<RegistryDouble> {
  const server = createServer((request, response) => {
    const repository = /^\/v2\/([^/]+)\//.exec(request.url ?? '')?.[1];
    const say = (status: number, code: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] }));
    };
    if (request.url?.startsWith('/token')) return say(401, 'UNAUTHORIZED');
    if (repository === 'private')
      return say(401, 'UNAUTHORIZED', { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="double"` });
    if (repository === 'forbidden') return say(403, 'DENIED');
    if (repository === 'limited') return say(429, 'TOOMANYREQUESTS');
    if (repository === 'broken') return say(503, 'UNAVAILABLE');
    return say(404, 'MANIFEST_UNKNOWN');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
