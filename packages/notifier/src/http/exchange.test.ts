import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { context, notice } from '../__fixtures__/notice.js';
import { slack } from '../slack/index.js';
import { webhook } from '../webhook/index.js';
import { kindOf } from './addresses.js';
import { exchange } from './exchange.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function backend(
  answer: (response: ServerResponse, path: string) => void,
): Promise<{ readonly url: string; readonly asked: string[]; readonly port: number }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume().on('end', () => answer(response, request.url ?? ''));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, port };
}

const ask = (url: string, more: { readonly allowPrivate?: boolean; readonly lookup?: LookupFunction } = {}) =>
  exchange({ url, headers: {}, body: '{}', signal: AbortSignal.timeout(5_000), ...more });

const pointing = (...turns: readonly string[]): LookupFunction => {
  let turn = 0;
  return (_host, options, done) => {
    const address = turns[Math.min(turn++, turns.length - 1)] as string;
    const family = address.includes(':') ? 6 : 4;
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
};

describe('where a notice may go', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['64:ff9b::a9fe:a9fe', 'private'],
    ['2002:0a00:0001::', 'private'],
    ['0.0.0.0', 'private'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['::', 'private'],
    ['fe80::1%eth0', 'private'],
    ['fd00:ec2::254', 'private'],
    ['ff02::1', 'private'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['no address', 'private'],
  ] as const)('%s is %s', (address, kind) => expect(kindOf(address)).toBe(kind));

  test.each([
    ['http', 'http://example.com/x', /only https/],
    ['http to loopback', 'http://127.0.0.1:9/x', /only https/],
    ['another scheme', 'ftp://example.com/x', /only https/],
    ['a password in it', 'https://user:pw@example.com/x', /name or password/],
    ['loopback', 'https://127.0.0.1:9/secret-part', /inside a network/],
    ['loopback as a number', 'https://2130706433/secret-part', /inside a network/],
    ['loopback in octal', 'https://0177.0.0.1/secret-part', /inside a network/],
    ['loopback of IPv6', 'https://[::1]/secret-part', /inside a network/],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/secret-part', /inside a network/],
    ["the cloud's metadata", 'https://169.254.169.254/latest', /inside a network/],
    ['a name of loopback', 'https://localhost:9/secret-part', /inside a network/],
    ['no URL', 'hooks.slack.com/secret-part', /no URL/],
  ])('%s is refused before anything is sent, and the message has no path', async (_, url, says) => {
    const error: unknown = await ask(url).catch((caught: unknown) => caught);
    expect((error as Error).name).toBe('Forbidden');
    expect((error as Error).message).toMatch(says);
    expect((error as Error).message).not.toMatch(/secret-part|pw/);
  });

  test('a name that points inside by the second attempt is refused then (DNS rebinding): each attempt judges the address that it connects to', async () => {
    const { port, asked } = await backend((response) => response.end('ok'));
    const lookup = pointing('2001:4860:4860::8888', '127.0.0.1', '::ffff:10.0.0.1');
    const at = (signal: AbortSignal) => exchange({ url: `https://rebinding.example:${port}/`, headers: {}, body: '', signal, lookup });
    const first: unknown = await at(AbortSignal.timeout(200)).catch((caught: unknown) => caught);
    expect((first as Error).name).not.toBe('Forbidden');
    for (let i = 0; i < 2; i += 1) await expect(at(AbortSignal.timeout(5_000))).rejects.toThrow(/inside a network/);
    expect(asked).toEqual([]);
  });

  test('of several addresses only those outside are connected to', async () => {
    const both: LookupFunction = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await expect(ask('https://both.example', { lookup: both })).rejects.toThrow(/inside a network/);
  });
});

describe('what a backend may do', () => {
  const hook = (url: string) => slack({ webhook: () => `${url}/services/T0/B0/secret-part`, allowPrivate: true });
  const secrets = () => 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

  test('a redirect to another host is not followed', async () => {
    const inner = await backend((response) => response.end('ok'));
    for (const status of [301, 302, 303, 307, 308]) {
      const outer = await backend((response) => response.writeHead(status, { location: `${inner.url}/admin` }).end());
      const delivery = await hook(outer.url).send(notice(), context());
      expect(delivery).toEqual({ kind: 'refused', why: `answered ${status}: redirects are not followed` });
    }
    expect(inner.asked).toEqual([]);
  });

  test('an answer of a gigabyte is cut off at its beginning', async () => {
    let wrote = 0;
    const big = await backend((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const more = (): void => {
        while (wrote < 1024 && !response.destroyed) {
          wrote += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const delivery = await webhook({ url: () => big.url, secrets, allowPrivate: true }).send(notice(), context());
    expect(delivery.kind).toBe('sent');
    expect(wrote).toBeLessThan(64);
    wrote = 0;
    const bot = slack({ token: () => 'xoxb-test', channel: 'C1', api: big.url, allowPrivate: true });
    expect(await bot.send(notice(), context())).toEqual({ kind: 'retry', why: 'answered 200 with what is no answer of Slack' });
  });

  const broken: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['a reset', ({ socket }) => void socket?.resetAndDestroy()],
    ['an end in the middle', (response) => void response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy())],
    ['what is no HTTP', ({ socket }) => void socket?.end('hello\r\n\r\n')],
  ];
  test.each(broken)('%s is tried again, and the reason has no address', async (_, answer) => {
    const { url } = await backend(answer);
    const delivery = await hook(url).send(notice(), context());
    expect(delivery.kind).toBe('retry');
    expect(JSON.stringify(delivery)).toMatch(/no answer/);
    expect(JSON.stringify(delivery)).not.toContain('secret-part');
  });

  test.each([
    [408, 'retry'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [400, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [413, 'refused'],
  ] as const)('%i is %s', async (status, kind) => {
    const { url } = await backend((response) => response.writeHead(status).end('channel_is_archived'));
    expect((await hook(url).send(notice(), context())).kind).toBe(kind);
  });

  test('how long to wait is taken as seconds and as a date', async () => {
    let after = '7';
    const { url } = await backend((response) => response.writeHead(429, { 'retry-after': after }).end());
    expect(await hook(url).send(notice(), context())).toEqual({ kind: 'retry', why: 'answered 429', after: '7000ms' });
    after = 'Thu, 01 Jan 2026 00:01:00 GMT';
    const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0, sleep: () => new Promise<void>(() => undefined) };
    expect(await hook(url).send(notice(), context({ clock }))).toMatchObject({ after: '60000ms' });
  });
});

test('a literal secret, an unknown option and a missing source are refused where the channel is made, and the value is in no message', () => {
  const bad = [
    () => slack({ webhook: 'https://hooks.slack.com/services/T0/B0/secret-part' as never }),
    () => slack({ token: 'xoxb-secret-part' as never, channel: '#x' }),
    () => slack({} as never),
    () => slack({ webhook: { env: 'X' }, chanel: '#x' } as never),
    () => webhook({ url: { env: 'X' }, secrets: [] }),
    () => webhook({ url: { env: 'X' }, secrets: 'whsec_secret-part' as never }),
    () => webhook({ url: { env: 'X' }, secrets: { env: 'Y' }, headers: { 'webhook-id': 'x' } }),
    () => webhook({ url: { env: 'X' }, secrets: { env: 'Y' }, headers: { 'x-team': 'a\r\nb: c' } }),
  ];
  for (const make of bad) {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }));
    expect(make).not.toThrow(/secret-part/);
  }
});
