// The command with the real SDK, as CI starts it: by its environment alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@shepherd/core';
import { createSandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { connectOtel } from './otel.js';

const bin = fileURLToPath(new URL('bin.ts', import.meta.url));
const version = `data:text/javascript,globalThis.__PACKAGE_VERSION__ = '0.0.0'`;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-otel-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

async function receiver(answers: boolean) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(`${request.url} ${request.headers['content-type']} ${Buffer.concat(chunks).toString('latin1')}`);
    if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Three pods instead of two, and back again by a signal as soon as they are there: a rollout of seconds. */
async function scaled(env: Readonly<Record<string, string>>) {
  await using sandbox = await createSandbox({ time: 'real' });
  sandbox.image('r/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  const file = join(folder, 'kubeconfig');
  await writeFile(file, sandbox.connection.kubeconfig);
  const args = ['--conditions=@shepherd/source', '--import', version, '--import', 'tsx', bin, 'scale', 'web', '3', '-n', 'shop', '--yes'];
  const child = spawn(process.execPath, args, { env: { ...process.env, KUBECONFIG: file, CI: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err, endedAt] = ['', '', 0];
  child.stdout.on('data', (data: Buffer) => {
    if (!out.includes('verify stable') && `${out}${data}`.includes('verify stable')) child.kill('SIGTERM');
    out += String(data);
    if (out.includes('rolled back:') && endedAt === 0) endedAt = Date.now();
  });
  child.stderr.on('data', (data: Buffer) => (err += String(data)));
  const [code] = await once(child, 'close');
  expect(endedAt, out + err).toBeGreaterThan(0);
  return { code, err, afterMs: Date.now() - endedAt };
}

test('a rollout is a trace under the one of its CI run, and measured; of the process nothing is told', async () => {
  const { bodies, url } = await receiver(true);
  const trace = { TRACEPARENT: `00-${traceId}-00f067aa0ba902b7-01`, OTEL_RESOURCE_ATTRIBUTES: 'team=shop' };
  const { code, err } = await scaled({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...trace });
  expect(code).toBe(143);
  expect(err).not.toMatch(/OpenTelemetry/);
  const traces = bodies.filter((body) => body.startsWith('/v1/traces ')).join('\n');
  for (const part of [
    '"RUN shepherd.scale"',
    `"traceId":"${traceId}"`,
    '"parentSpanId":"00f067aa0ba902b7"',
    '"service.name"',
    '"team"',
    '"cancellation"',
    '"verify"',
  ])
    expect(traces).toContain(part);
  expect(bodies.filter((body) => body.startsWith('/v1/metrics ')).join('\n')).toContain('"cicd.pipeline.run.duration"');
  expect(bodies.join('\n')).not.toMatch(/process\.command|host\.name|process\.pid/);
}, 60_000);

test('where no protocol is named it is protobuf, as of every SDK', async () => {
  const { bodies, url } = await receiver(true);
  const { code } = await scaled({ OTEL_EXPORTER_OTLP_ENDPOINT: url, TRACEPARENT: `00-${traceId}-00f067aa0ba902b7-01` });
  expect(code).toBe(143);
  const traces = bodies.filter((body) => body.startsWith('/v1/traces application/x-protobuf ')).join('\n');
  for (const part of ['RUN shepherd.scale', Buffer.from(traceId, 'hex').toString('latin1'), 'verify']) expect(traces).toContain(part);
  expect(bodies.filter((body) => body.startsWith('/v1/metrics application/x-protobuf ')).join('\n')).toContain('cicd.pipeline.run.duration');
}, 60_000);

test('a receiver that hangs holds the command up for five seconds at most, after its outcome', async () => {
  const { bodies, url } = await receiver(false);
  const { code, afterMs } = await scaled({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
  expect(code).toBe(143);
  // The command waits five seconds; what is more is the time of a process that ends on a busy machine.
  expect(afterMs).toBeLessThan(20_000);
  expect(bodies.length).toBeGreaterThan(0);
}, 60_000);

test('without an endpoint, switched off, or without the SDK there is nothing, and only who asked for it is told', async () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  const of = async (settings: Parameters<typeof connectOtel>[0], env: Readonly<Record<string, string>>) => {
    const io = new FakeIo({ env });
    const { observers } = await connectOtel(settings, io, systemClock);
    return [observers.length, io.err];
  };
  expect(await of(undefined, {})).toEqual([0, '']);
  expect(await of({ otel: false }, endpoint)).toEqual([0, '']);
  expect(await of(undefined, { ...endpoint, OTEL_SDK_DISABLED: 'true' })).toEqual([0, '']);
  expect(await of(undefined, endpoint)).toEqual([1, '']);
  expect(await of({ otel: true }, {})).toEqual([1, '']);
});
