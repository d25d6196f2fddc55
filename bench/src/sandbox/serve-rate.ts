import { Agent, request } from 'node:http';
import { startProgram } from './run-program.js';

const seconds = 4;
const parallel = 8;
const path = '/api/v1/namespaces/shop/configmaps';

/** Requests a second over HTTP, with eight clients that wait for each answer. */
export interface Rate {
  readonly perSecond: number;
  /** Requests per second of processor time of the server: what one core would do that has nothing else to do. */
  readonly perCoreSecond: number;
  readonly failed: number;
}

interface Served {
  readonly url: string;
  readonly token: string;
  readonly cpuMs: number;
}

/** Reads of one object, and writes of one object for each client, against a sandbox in a process of its own with an app of six pods. */
export async function measureRates(): Promise<{ readonly reads: Rate; readonly writes: Rate }> {
  await using program = startProgram('serve');
  const ask = async (): Promise<Served> => (await program.next()) as unknown as Served;
  const served = await ask();
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  const send = (method: string, at: string, body?: object): Promise<number> => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${served.token}`,
      ...(text === undefined
        ? {}
        : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${served.url}${at}`, { method, headers, agent }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  };
  const cpuMs = async (): Promise<number> => {
    program.tell('cpu');
    return (await ask()).cpuMs;
  };
  const measure = async (one: (client: number, count: number) => Promise<number>): Promise<Rate> => {
    let [count, failed] = [0, 0];
    const [cpuBefore, startedAt] = [await cpuMs(), performance.now()];
    const clients = Array.from({ length: parallel }, async (_, client) => {
      while (performance.now() - startedAt < seconds * 1_000) if ((await one(client, (count += 1))) > 299) failed += 1;
    });
    await Promise.all(clients);
    const tookS = (performance.now() - startedAt) / 1_000;
    const usedS = ((await cpuMs()) - cpuBefore) / 1_000;
    return { perSecond: Math.round(count / tookS), perCoreSecond: Math.round(count / usedS), failed };
  };
  for (let client = 0; client < parallel; client++) await send('POST', path, { metadata: { name: `c-${client}` }, data: { n: '0' } });
  const reads = await measure(() => send('GET', '/apis/apps/v1/namespaces/shop/deployments/web'));
  const writes = await measure((client, count) => send('PATCH', `${path}/c-${client}`, { data: { n: String(count) } }));
  agent.destroy();
  return { reads, writes };
}
