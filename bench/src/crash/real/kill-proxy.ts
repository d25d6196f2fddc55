import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiCall, callOf } from '../api-call.js';
import type { RealKill } from './real-point.js';

export interface KillProxy extends AsyncDisposable {
  readonly url: string;
  /** Calls so far, as the proof counts them. */
  readonly calls: readonly ApiCall[];
}

/** Stands between a runner and the API server. At the call that `kill` names it has the runner killed: before it passes the call on, or with the answer in hand. */
export async function openKillProxy(target: string, kill: RealKill | undefined, die: () => void): Promise<KillProxy> {
  const calls: ApiCall[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    // A runner that is dead or gone wants no answer.
    outgoing.on('error', () => undefined);
    void serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  const isIts = (call: ApiCall): boolean => {
    if (kill === undefined) return false;
    const same = kill.of === 'call' ? calls : calls.filter((each) => each.kind === 'write');
    return (kill.of === 'call' || call.kind === 'write') && same.length === kill.nth;
  };

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    const body = await bodyOf(incoming);
    const call = await callOf({ method, url, body: async () => JSON.parse(body.toString()) as unknown });
    if (call !== undefined) calls.push(call);
    const dies = call !== undefined && isIts(call);
    if (dies && kill?.side === 'before') return die();
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers;
    const onward = request(`${target}${url}`, { method, headers: { ...headers, 'content-length': body.length } });
    outgoing.once('close', () => onward.destroy());
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if (dies) {
      await bodyOf(answer);
      return die();
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
