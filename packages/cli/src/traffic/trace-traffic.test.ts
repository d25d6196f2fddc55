import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';
import { shownPath, traceTraffic } from './trace-traffic.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-traffic-'));
});
afterEach(() => rm(folder, { recursive: true }));

const secret = 'hunter2';

/** Access by a credential plugin, which gets a secret in its command line and gives one back. */
async function kubeconfigOf(server: string, token: string): Promise<string> {
  const file = join(folder, 'kubeconfig');
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
  await writeFile(join(folder, 'credential.json'), JSON.stringify(credential));
  const args = [
    '-e',
    `console.log(require('fs').readFileSync(process.argv[1], 'utf8'))`,
    join(folder, 'credential.json'),
    `--client-secret=${secret}`,
    '--token',
    secret,
  ];
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args, interactiveMode: 'Never' };
  await writeFile(
    file,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { exec } }],
    }),
  );
  return file;
}

test('-v: each request to the API server and each program, on stderr, and no secret of either; -q and nothing say none of it', async () => {
  await using sandbox = await createSandbox({ time: 'real' });
  sandbox.image('r/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 1 });
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  const kubeconfig = await kubeconfigOf(sandbox.url ?? '', token);
  const run = async (...flags: readonly string[]): Promise<FakeIo> => {
    const io = new FakeIo({ env: { HOME: folder } });
    expect(await main(['status', 'web', '--kubeconfig', kubeconfig, ...flags], io), io.err).toBe(0);
    return io;
  };
  const { out, err } = await run('-v');
  expect(err).toMatch(/^ {2}GET \/apis\/apps\/v1\/namespaces\/shop\/deployments\/web 200 \d+ ms$/m);
  expect(err).toMatch(/^ {2}\$ node -e .* --client-secret=\*\*\* --token \*\*\* exit 0 \d+ ms$/m);
  for (const each of [secret, token]) expect(out + err).not.toContain(each);
  expect([(await run()).err, (await run('-q')).err]).toEqual(['', '']);
  expect((await run('-v', '--json')).out).toBe((await run('--json')).out);
});

test('of other servers scheme and host alone, by whichever client; a server that is not there has the reason', async () => {
  const listen = async () => {
    const server = createServer((_, response) => response.writeHead(204).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const [{ server, origin }, gone] = [await listen(), await listen()];
  await new Promise<void>((resolve) => gone.server.close(() => resolve()));
  const lines: string[] = [];
  const undo = traceTraffic(
    (line) => lines.push(line.replace(/ \d+ ms$/, '')),
    () => performance.now(),
  );
  const hook = `${origin}/services/T0/${secret}?token=${secret}`;
  await fetch(hook, { method: 'POST', body: secret, headers: { authorization: `Bearer ${secret}` } });
  await new Promise<void>((resolve, reject) => {
    request(hook, { method: 'PUT' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
  await fetch(`${gone.origin}/${secret}`).catch(() => undefined);
  await new Promise<void>((resolve) => {
    const lost = request(`${gone.origin}/${secret}`).on('error', () => resolve());
    lost.end();
  });
  undo();
  await fetch(hook);
  server.closeAllConnections();
  server.close();
  expect(lines).toEqual([`POST ${origin} 204`, `PUT ${origin} 204`, `GET ${gone.origin} ECONNREFUSED`, `GET ${gone.origin} ECONNREFUSED`]);
});

test.each([
  ['/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500', '/api/v1/namespaces/shop/pods?labelSelector=app=web'],
  ['/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=shepherd&dryRun=All', '/apis/apps/v1/namespaces/shop/deployments/web?dryRun=All'],
  ['/api/v1/namespaces/shop/pods/http:web-1:8080/proxy/login?watch=secret', '/api/v1/namespaces/shop/pods/http:web-1:8080/proxy/login'],
  ['/version', '/version'],
])('%s', (path, shown) => {
  expect(shownPath(path)).toBe(shown);
});
