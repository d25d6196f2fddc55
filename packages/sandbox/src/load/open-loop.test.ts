import { type Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { keptConnections } from './connections.js';
import { lastNewConnection } from './load-report.js';
import { openLoop } from './open-loop.js';
import { preciseNow, sendRequest } from './send-request.js';

type Handler = (request: IncomingMessage, response: ServerResponse, index: number) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(handler: Handler): Promise<{ readonly url: string; readonly opened: () => number; readonly seen: () => number }> {
  let opened = 0;
  let seen = 0;
  const server = createServer((request, response) => handler(request, response, seen++));
  server.on('connection', () => {
    opened += 1;
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, opened: () => opened, seen: () => seen };
}

const answer = (response: ServerResponse, version = '1.0.0', status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ version, pod: `web-${version}` }));
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a fresh load opens one connection for each request and asks to close it', async () => {
  const asked = new Set<string | undefined>();
  const app = await serve((request, response) => {
    asked.add(request.headers.connection);
    answer(response);
  });
  const load = openLoop({ url: app.url, rate: 200 });
  await until(() => load.soFar().requests >= 40);
  const report = await load.stop();
  expect(report).toMatchObject({ failed: 0, failures: {}, requests: app.seen(), connections: app.opened(), byVersion: { '1.0.0': app.seen() } });
  expect(app.opened()).toBe(app.seen());
  expect([...asked]).toEqual(['close']);
  expect(report.answers[0]).toMatchObject({ status: 200, version: '1.0.0', pod: 'web-1.0.0' });
});

test('a kept load reports the connections that it opened, and which request opened which', async () => {
  const app = await serve((_, response) => answer(response));
  const load = openLoop({ url: app.url, rate: 200, keepAlive: true, connections: 4 });
  await until(() => load.soFar().requests >= 60);
  const report = await load.stop();
  expect(report).toMatchObject({ failed: 0, connections: app.opened() });
  expect(report.answers.filter((each) => each.connected !== undefined)).toHaveLength(app.opened());
  expect(app.opened()).toBeGreaterThanOrEqual(4);
});

test('kept connections are used in turn; while all are busy one more is opened, for one request', async () => {
  const perSocket = new Map<unknown, number>();
  const app = await serve((request, response) => {
    perSocket.set(request.socket, (perSocket.get(request.socket) ?? 0) + 1);
    answer(response);
  });
  const connections = keptConnections(4);
  const ask = async (agents: readonly Agent[]): Promise<void> => {
    await Promise.all(agents.map((agent) => sendRequest(new URL(app.url), agent, preciseNow(), 60_000)));
    for (const agent of agents) connections.give(agent);
  };
  for (let i = 0; i < 60; i += 1) await ask([connections.take()]);
  expect([...perSocket.values()]).toEqual([15, 15, 15, 15]);
  for (let i = 0; i < 2; i += 1) await ask(Array.from({ length: 5 }, () => connections.take()));
  expect([...perSocket.values()]).toEqual([17, 17, 17, 17, 1, 1]);
  connections.close();
});

test('a client that was stopped for a while reads first: a connection that ended meanwhile carries no request', async () => {
  const server = new Worker(
    `const { createServer } = require('node:http');
     const { parentPort } = require('node:worker_threads');
     const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
     server.keepAliveTimeout = 0;
     parentPort.on('message', () => server.closeIdleConnections());`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  const load = openLoop({ url: `http://127.0.0.1:${port}`, rate: 50, keepAlive: true, connections: 4 });
  for (const requests of [20, 60, 100]) {
    await until(() => load.soFar().requests >= requests);
    server.postMessage('close');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
  const report = await load.stop();
  await server.terminate();
  expect(report).toMatchObject({ failed: 0, failures: {} });
  expect(report.clientLateMs).toBeGreaterThan(200);
});

test('a kept connection that is told to close is replaced by a new one, without a failure', async () => {
  const app = await serve((_, response) => {
    response.setHeader('connection', 'close');
    answer(response);
  });
  const load = openLoop({ url: app.url, rate: 200, keepAlive: true, connections: 2 });
  await until(() => load.soFar().requests >= 20);
  const report = await load.stop();
  expect(report).toMatchObject({ failed: 0, connections: report.requests });
});

test('a connection that ended while it rested is not used again', async () => {
  const app = await serve((request, response) => {
    answer(response);
    response.once('finish', () => setImmediate(() => request.socket.end()));
  });
  const load = openLoop({ url: app.url, rate: 10, keepAlive: true, connections: 1 });
  await until(() => load.soFar().requests >= 5);
  const report = await load.stop();
  expect(report).toMatchObject({ failed: 0, connections: report.requests });
});

test('a reset on a kept connection is a failed request and is not sent again', async () => {
  const app = await serve((request, response, index) => {
    if (index === 5) request.socket.resetAndDestroy();
    else answer(response);
  });
  const load = openLoop({ url: app.url, rate: 100, keepAlive: true, connections: 1 });
  await until(() => load.soFar().requests >= 12);
  const report = await load.stop();
  expect(report).toMatchObject({ failed: 1, failures: { reset: 1 }, connections: app.opened(), requests: app.seen() });
  expect(app.opened()).toBeGreaterThanOrEqual(2);
  expect(report.answers[5]).toMatchObject({ failure: 'reset', status: 0 });
});

test('every other way to fail has its kind', async () => {
  const app = await serve((request, response, index) => {
    if (index === 0) answer(response, '1.0.0', 500);
    else if (index === 1) request.socket.end();
    else if (index === 2) {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"version":', () => request.socket.resetAndDestroy());
    } else if (index === 3) response.writeHead(302, { location: '/elsewhere' }).end();
    else answer(response);
  });
  const load = openLoop({ url: app.url, rate: 100 });
  await until(() => load.soFar().requests >= 6);
  const report = await load.stop();
  expect(report.failures).toEqual({ 'status-500': 1, reset: 1, cut: 1, 'status-302': 1 });
});

test('nobody there is refused', async () => {
  const app = await serve(() => undefined);
  servers.splice(0).forEach((server) => {
    server.close();
  });
  const load = openLoop({ url: app.url, rate: 100 });
  await until(() => load.soFar().requests >= 3);
  const report = await load.stop();
  expect(report.failures).toEqual({ refused: report.requests });
});

test('requests are sent on time while others wait, and time out from when they were due', async () => {
  const app = await serve((_, response, index) => {
    if (index > 0) answer(response);
  });
  const load = openLoop({ url: app.url, rate: 100, keepAlive: true, connections: 1, timeoutMs: 1_000 });
  await until(() => load.soFar().requests >= 120);
  const report = await load.stop();
  const [stuck, next] = report.answers;
  expect(stuck?.failure).toBe('timeout');
  expect((stuck?.done ?? 0) - (stuck?.due ?? 0)).toBeGreaterThanOrEqual(999);
  // Others went on meanwhile, and none fails that had its time: a machine that stalls may be late for some.
  expect(report.answers.some(({ failure, done }) => failure === undefined && done < (stuck?.done ?? 0))).toBe(true);
  for (const { failure, due, done } of report.answers) if (failure !== undefined) expect([failure, done - due >= 999]).toEqual(['timeout', true]);
  expect((next?.due ?? 0) - (stuck?.due ?? 0)).toBeCloseTo(10, 3);
});

test('a late good answer is slow, and counts from when it was due even if the client itself was late', async () => {
  const app = await serve((_, response) => answer(response));
  const load = openLoop({ url: app.url, rate: 100, slowMs: 100 });
  await until(() => load.soFar().requests >= 2);
  for (const from = performance.now(); performance.now() - from < 250; );
  await until(() => load.soFar().requests >= 30);
  const report = await load.stop();
  expect(report.failed).toBe(0);
  expect(report.slow).toBeGreaterThanOrEqual(10);
  expect(report.clientLateMs).toBeGreaterThanOrEqual(200);
});

test('the last new connection of a version is when it was opened, not when it last answered', async () => {
  let version = '1.0.0';
  const app = await serve((_, response) => answer(response, version));
  const load = openLoop({ url: app.url, rate: 100 });
  await until(() => load.soFar().requests >= 5);
  const switched = preciseNow();
  version = '2.0.0';
  await until(() => load.soFar().requests >= 15);
  const { answers } = await load.stop();
  expect(lastNewConnection(answers, '1.0.0')).toBeLessThanOrEqual(switched + 5);
  expect(lastNewConnection(answers, '2.0.0')).toBeGreaterThan(switched);
  expect(lastNewConnection(answers, '3.0.0')).toBeUndefined();
});

test('options that make no sense are refused', () => {
  expect(() => openLoop({ url: 'https://127.0.0.1', rate: 1 })).toThrow('http alone');
  expect(() => openLoop({ url: 'http://127.0.0.1', rate: 0 })).toThrow('rate must be above 0');
});
