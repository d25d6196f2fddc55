import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@shepherd/core';
import { afterEach, expect, test } from 'vitest';
import { timedRequest } from './timed-request.js';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))));

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const options = { signal: new AbortController().signal, now: () => systemClock.monotonicMs() };

test('each part of the time comes after the one before, over a redirect too', async () => {
  const base = await serve((request, response) => {
    if (request.url === '/old') return void response.writeHead(302, { location: '/new' }).end();
    setImmediate(() => response.end('fine'));
  });
  const { status, text, url, timing } = await timedRequest(`${base}/old`, options);
  expect([status, text, url]).toEqual([200, 'fine', `${base}/new`]);
  expect(timing.redirect).toBeGreaterThan(0);
  const order = [timing.redirect, timing.dns, timing.connect, timing.tls, timing.pretransfer, timing.firstByte, timing.total];
  expect(order.toSorted((a, b) => a - b)).toEqual(order);
});

test('a redirect without end is an answer, one to a file is refused, and what does not answer is an error', async () => {
  const round = await serve((_, response) => void response.writeHead(302, { location: '/again' }).end());
  expect((await timedRequest(round, options)).status).toBe(302);
  server?.removeAllListeners('request');
  server?.on('request', (_, response) => void response.writeHead(302, { location: 'file:///etc/hosts' }).end());
  await expect(timedRequest(round, options)).rejects.toThrow('redirect to file:');
  server?.removeAllListeners('request');
  server?.on('request', (request) => request.socket.destroy());
  await expect(timedRequest(round, options)).rejects.toThrow();
});
