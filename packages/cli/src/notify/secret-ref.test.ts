import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@shepherd/core';
import { startReceiver } from '@shepherd/notifier/testing';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

test('a channel whose secrets are in the cluster: read when it is needed, in no output', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-secret-ref-'));
  await using sandbox = await createSandbox({ time: 'real' });
  await using receiver = await startReceiver([key], () => new Date());
  const text = (value: string): string => Buffer.from(value).toString('base64');
  const api = `${sandbox.url}/api/v1/namespaces/default/secrets`;
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1];
  const created = await fetch(api, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hooks' }, data: { url: text(`${receiver.url}/hook-part`), key: text(key) } }),
  });
  expect(created.status).toBe(201);
  await writeFile(join(folder, 'kubeconfig'), sandbox.connection.kubeconfig);
  const from = (name: string, of: string) => ({ secretRef: { name, key: of } });
  const channels = { ops: { kind: 'webhook', url: from('hooks', 'url'), secrets: from('hooks', 'key'), allowPrivate: true } };
  const run = async (notify: object) => {
    await writeFile(join(folder, 'shepherd.config.json'), JSON.stringify({ kubeconfig: 'kubeconfig', namespace: 'default', notify }));
    const io = new FakeIo({ cwd: folder });
    return { code: await main(['notify', 'test'], io, { clock: systemClock }), said: io.out + io.err };
  };
  const sent = await run({ channels });
  expect([sent.code, sent.said]).toEqual([0, 'ops: sent\n']);
  expect(receiver.messages).toHaveLength(1);
  const missing = await run({ channels: { ops: { ...channels.ops, url: from('nothing', 'url') } } });
  expect(missing.code).toBe(1);
  expect(missing.said).toContain('secretRef nothing/url');
  expect(missing.said + sent.said).not.toMatch(/hook-part|whsec_/);
  await rm(folder, { recursive: true });
});
