import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contextOf } from '../__fixtures__/request.js';
import { vector } from '../__fixtures__/rows.js';
import type { PrometheusOptions } from '../options.js';
import { PrometheusApi } from './prometheus-api.js';

const file = (name: string): string => readFileSync(new URL(`../../../kube/src/api/__fixtures__/tls/${name}`, import.meta.url), 'utf8');

/** Knows its clients by their certificates. */
const server = createServer(
  { cert: file('server.crt'), key: file('server.key'), ca: file('ca.crt'), requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    const { authorized } = request.socket as { readonly authorized?: boolean };
    response.writeHead(authorized === true ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(vector([])));
  },
);
const known = { ca: () => file('ca.crt'), serverName: 'cluster.test' };
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.closeAllConnections());

const ask = async (tls: PrometheusOptions['tls']) => {
  const api = new PrometheusApi({ url, tls });
  try {
    return await api.instant('up', 0, contextOf());
  } finally {
    api.close();
  }
};

test('a client certificate, and an authority of one’s own', async () => {
  expect(await ask({ ...known, cert: () => file('one.crt'), key: () => file('one.key') })).toMatchObject({ rows: [] });
});

test('without a certificate this server says 401', async () => {
  await expect(ask(known)).rejects.toMatchObject({ failure: 'unauthorised' });
});

test('an authority that nobody trusts is a failure of TLS, not tried again', async () => {
  await expect(ask(undefined)).rejects.toMatchObject({ failure: 'tls', retryable: false });
});

test('another name than the server’s is one too', async () => {
  await expect(ask({ ca: () => file('ca.crt'), serverName: 'elsewhere.example' })).rejects.toMatchObject({ failure: 'tls' });
});

test('a certificate that changes is used from the next request on', async () => {
  let name = 'nobody';
  const cert = (): string => (name === 'nobody' ? '' : file(`${name}.crt`));
  const api = new PrometheusApi({ url, tls: { ...known, cert, key: () => (name === 'nobody' ? '' : file(`${name}.key`)) } });
  await expect(api.instant('up', 0, contextOf())).rejects.toMatchObject({ failure: 'unauthorised' });
  name = 'two';
  expect(await api.instant('up', 0, contextOf())).toMatchObject({ rows: [] });
  api.close();
});
