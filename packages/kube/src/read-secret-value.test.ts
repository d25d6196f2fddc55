import type { Transport } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { person } from './__fixtures__/person.js';
import { readSecretValue } from './index.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  await person(sandbox).send('POST', '/api/v1/namespaces/default/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hooks', namespace: 'default' },
    data: { url: Buffer.from('https://hooks.test/very-secret\n').toString('base64') },
  });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const read = (name: string, key: string, more: object = {}): Promise<string> =>
  readSecretValue({ ...sandbox.connection, namespace: 'default', name, key, ...more });

test('one key, as text, without white space around it', async () => {
  expect(await read('hooks', 'url')).toBe('https://hooks.test/very-secret');
});

test.each([
  ['hooks', 'other', 'without it'],
  ['missing', 'url', 'no such Secret'],
  ['../configmaps/x', 'url', 'a name that no Secret'],
  ['hooks', 'a/b', 'a name that no Secret'],
])('%s/%s: %s', async (name, key, said) => {
  const error = await read(name, key).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ERR_INVALID_OPTIONS', message: expect.stringContaining(said) });
  expect(String(error)).not.toContain('very-secret');
});

test.each([
  [403, 'ERR_FORBIDDEN'],
  [500, 'ERR_UNREACHABLE'],
] as const)('an answer of %i is %s, and what the server says is in no message', async (status, code) => {
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message: 'very-secret' });
  const transport: Transport = async (request) =>
    request.url.includes('/secrets/') ? new Response(body, { status, headers: { 'content-type': 'application/json' } }) : sandbox.connection.transport(request);
  const error = await read('hooks', 'url', { transport }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(`${error} ${JSON.stringify(error)}`).not.toContain('very-secret');
});
