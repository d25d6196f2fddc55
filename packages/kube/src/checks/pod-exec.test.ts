// A command in a pod over a real connection, with a server that speaks the channel protocol well, badly and not at all.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ExecCommand, ExecReply, PortContext } from '@shepherd/core';
import { systemClock } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { createSandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KubePlatform, kubernetes } from '../index.js';
import type { Pod } from '../objects.js';
import { type ExecServer, exit, failure, piece, startExecServer, success } from './__fixtures__/exec-server.js';

const newest = 'web-aaa-2';
let server: ExecServer;
let platform: KubePlatform;
beforeEach(async () => {
  server = await startExecServer();
  platform = kubernetes({ kubeconfig: server.kubeconfig });
});
afterEach(async () => {
  await platform[Symbol.asyncDispose]?.();
  await server[Symbol.asyncDispose]();
});

const contextOf = (more: Partial<PortContext> = {}): PortContext => ({
  app: { cluster: 'default', namespace: 'shop', name: 'web' },
  rolloutId: undefined,
  signal: new AbortController().signal,
  clock: systemClock,
  ...more,
});
const run = (command: Partial<ExecCommand> = {}, more: Partial<PortContext> = {}): Promise<ExecReply | undefined> =>
  (platform.exec as NonNullable<typeof platform.exec>)(contextOf(more))('stable', { command: ['ask', 'db'], ...command });
const ran = { pod: newest, container: 'web', stdout: '', stderr: '', cut: false };

test('the command goes as it is to the newest ready pod and the container that serves; both streams and the end come back', async () => {
  server.play = (socket) => {
    socket.send(piece(1, 'shop: '));
    socket.send(piece(2, 'slow\n'));
    socket.send(piece(1, 'orders\n'));
    socket.send(piece(3, success));
  };
  const command = ['python', '-c', 'print("a b&c=d")\n', ''];
  expect(await run({ command })).toEqual({ ...ran, kind: 'ended', exitCode: 0, stdout: 'shop: orders\n', stderr: 'slow\n' });
  const [seen] = server.seen;
  expect(seen).toMatchObject({ path: `/api/v1/namespaces/shop/pods/${newest}/exec`, command, offered: ['v5.channel.k8s.io', 'v4.channel.k8s.io'] });
  expect(seen?.query).toMatchObject({ container: 'web', stdout: 'true', stderr: 'true' });
  expect(seen?.query).not.toHaveProperty('stdin');
  expect(seen?.headers.authorization).toBe('Bearer t0ken');
});

test('a container that is asked for is taken, one that the pod does not have is named with those it has, and nothing is sent', async () => {
  expect(await run({ container: 'sidecar' })).toMatchObject({ container: 'sidecar', kind: 'ended' });
  expect(await run({ container: 'db' })).toEqual({
    ...ran,
    container: 'db',
    kind: 'not-started',
    reason: 'the pod has no such container, it has sidecar, web',
  });
  expect(server.seen).toHaveLength(1);
});

test('a server that knows v4 alone is spoken to in v4; one that knows neither is an error that says so', async () => {
  server.speaks = ['v4.channel.k8s.io'];
  expect(await run()).toMatchObject({ kind: 'ended', exitCode: 0 });
  server.speaks = [];
  await expect(run()).rejects.toMatchObject({ code: 'ERR_UNREACHABLE', message: expect.stringContaining('subprotocol') });
});

describe('how it ends', () => {
  const said =
    (text: string): ExecServer['play'] =>
    (socket) =>
      socket.send(piece(3, text));
  test.each<readonly [string, ExecServer['play'], object]>([
    ['with a code', said(exit(3)), { kind: 'ended', exitCode: 3 }],
    [
      'a Status in pieces',
      (socket) => {
        for (const letter of exit(7)) socket.send(piece(3, letter));
      },
      { kind: 'ended', exitCode: 7 },
    ],
    [
      'a message in WebSocket frames',
      (socket) => {
        socket.send(piece(1, 'one '), { fin: false });
        socket.send('two', { fin: true });
        socket.send(piece(3, success));
      },
      { kind: 'ended', exitCode: 0, stdout: 'one two' },
    ],
    [
      'no such program',
      said(
        failure(
          'error executing command in container: failed to exec in container: failed to start exec "ab12": OCI runtime exec failed: exec failed: unable to start container process: exec: "mongosh": executable file not found in $PATH: unknown',
        ),
      ),
      { kind: 'not-started', reason: '"mongosh": executable file not found in $PATH' },
    ],
    ['the container went away', said(failure('container not found ("web")')), { kind: 'pod-gone', reason: 'container not found ("web")' }],
    ['closed without a word', (socket) => socket.close(), { kind: 'broken', reason: 'it was closed without a word' }],
    [
      'broken in the middle of an answer',
      (socket) => {
        socket.send(piece(1, 'half an ans'), () => socket.terminate());
      },
      { kind: 'broken', reason: 'it was closed without a word', stdout: 'half an ans' },
    ],
    [
      'broken in the middle of the Status',
      (socket) => {
        socket.send(piece(3, '{"status":"Succ'), () => socket.close());
      },
      { kind: 'broken', reason: 'it was closed without a word' },
    ],
    [
      'a message longer than any kubelet sends',
      (socket) => socket.send(new Uint8Array(2 * 1024 * 1024)),
      { kind: 'broken', reason: expect.stringContaining('payload') },
    ],
    ['a Status that says nothing', said('{"status":"Perhaps"}'), { kind: 'broken', reason: 'no explanation' }],
  ])('%s', async (_, play, reply) => {
    server.play = play;
    expect(await run()).toEqual({ ...ran, ...reply });
  });
});

describe('a pod that is taken away in the middle', () => {
  const going = ({ metadata, ...rest }: Pod): Pod => ({ ...rest, metadata: { ...metadata, deletionTimestamp: '2026-01-03T00:00:00Z' } });
  const gone = { ...ran, kind: 'pod-gone', reason: 'it was taken away, and what ran in it killed' };
  const leaving: Parameters<ExecServer['remain']>[0] = (all) => all.map((pod) => (pod.metadata.name === newest ? going(pod) : pod));
  const missing: Parameters<ExecServer['remain']>[0] = (all) => all.filter(({ metadata }) => metadata.name !== newest);

  test.each([
    ['killed by the end of its pod', leaving, exit(137), gone],
    ['killed, and the pod is gone', missing, exit(143), gone],
    ['closed without a word, and the pod is gone', missing, undefined, gone],
    ['killed while its pod stays', undefined, exit(137), { ...ran, kind: 'ended', exitCode: 137 }],
    ['ended by itself while its pod goes', leaving, exit(3), { ...ran, kind: 'ended', exitCode: 3 }],
  ])('%s', async (_, remain, status, reply) => {
    server.play = (socket) => {
      if (remain !== undefined) server.remain(remain);
      if (status === undefined) socket.close();
      else socket.send(piece(3, status));
    };
    expect(await run()).toEqual(reply);
  });
});

describe('a server that refuses the connection', () => {
  const status = (code: number, reason: string, message: string, details: object = {}) => ({
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details },
  });

  test('a pod that is gone', async () => {
    server.refuse = status(404, 'NotFound', `pods "${newest}" not found`, { name: newest, kind: 'pods' });
    expect(await run()).toEqual({ ...ran, kind: 'pod-gone', reason: 'the API server knows it no more' });
  });

  test('a container that is not running', async () => {
    server.refuse = status(400, 'BadRequest', `container web is not valid for pod ${newest}`);
    expect(await run()).toMatchObject({ kind: 'not-started', reason: expect.stringContaining('is not valid for pod') });
  });

  test('who may not is told which right is missing', async () => {
    server.refuse = status(
      403,
      'Forbidden',
      `pods "${newest}" is forbidden: User "ann" cannot get resource "pods/exec" in API group "" in the namespace "shop"`,
    );
    await expect(run()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN', facts: { missing: [{ verb: 'get', resource: 'pods/exec' }] } });
  });

  test('a credential that is refused is asked for once more, and then said', async () => {
    server.refuse = status(401, 'Unauthorized', 'Unauthorized');
    await expect(run()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN', remedy: expect.stringContaining('log in again') });
  });
});

test('nobody there is an error that may be tried again', async () => {
  await server[Symbol.asyncDispose]();
  await expect(run({}, { signal: AbortSignal.timeout(60_000) })).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' });
});

describe('time', () => {
  test('a command that does not end is left after its time; what it printed is kept, and the connection is closed', async () => {
    const clock = new VirtualClock({ auto: false });
    const closed = new Promise((resolve) => {
      server.play = (socket) => {
        socket.once('close', resolve);
        // Seen by the client before its time is over: it answers a ping only once it has read what came before.
        socket.send(piece(1, 'waiting\n'));
        socket.once('pong', () => void clock.advance('2s'));
        socket.ping();
      };
    });
    expect(await run({ timeout: '2s' }, { clock })).toEqual({ ...ran, kind: 'timed-out', afterMs: 2_000, stdout: 'waiting\n' });
    await closed;
  });

  test('it ends with its caller, with the reason of the caller', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const closed = new Promise((resolve) => {
      server.play = (socket) => {
        socket.once('close', resolve);
        stop.abort(reason);
      };
    });
    await expect(run({}, { signal: stop.signal })).rejects.toBe(reason);
    await closed;
  });
});

test('a flood is read to its end and not kept: 64 MiB leave the beginning of 16 KiB', async () => {
  const line = piece(1, 'x'.repeat(63).concat('\n').repeat(512));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers / 1024 / 1024;
  };
  const before = held();
  let after = Number.POSITIVE_INFINITY;
  server.play = async (socket) => {
    for (let sent = 0; sent < 2_048; sent += 1) await new Promise((resolve) => socket.send(line, resolve));
    // All of it is with the client once that answers, and its command is not over.
    socket.once('pong', () => {
      after = held();
      socket.send(piece(3, exit(1)));
    });
    socket.ping();
  };
  const reply = await run({ timeout: '60s' });
  expect(reply).toMatchObject({ kind: 'ended', exitCode: 1, cut: true });
  expect(reply?.stdout.length).toBeLessThanOrEqual(16 * 1024);
  expect(after - before).toBeLessThan(16);
});

test('what looks like a credential does not leave the adapter', async () => {
  server.play = (socket) => {
    socket.send(piece(1, 'uri mongodb://app:hunter2@db/shop\npassword=hunter3\n'));
    socket.send(piece(2, 'Bearer abcdef.ghijkl\n'));
    socket.send(piece(3, failure('exec: token=hunter4')));
  };
  const reply = await run();
  expect(reply).toMatchObject({ stdout: 'uri mongodb://app:***@db/shop\npassword=***\n', stderr: 'Bearer ***\n' });
  expect(JSON.stringify(reply)).not.toMatch(/hunter|abcdef/);
});

test('an API in this process has no WebSockets, and the platform over it no exec', async () => {
  await using sandbox = await createSandbox();
  expect(kubernetes(sandbox.connection).exec).toBeUndefined();
});
