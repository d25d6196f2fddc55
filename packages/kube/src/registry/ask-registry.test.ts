// A registry on loopback, which is asked only where that is allowed.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askRegistry } from './ask-registry.js';
import { isPublic } from './safe-request.js';

let server: Server;
let host: string;
let asked: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const signal = new AbortController().signal;
const ask = (image: string, allowPrivate = true) => askRegistry(image, { allowPrivate, signal });

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const says = (status: number, headers: Readonly<Record<string, string>> = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end();
};

describe('a registry that is asked without a login', () => {
  test.each([
    [200, 'there'],
    [404, 'not-found'],
    [401, 'denied'],
    [403, 'denied'],
    [429, 'rate-limit'],
    [503, 'failing'],
    [307, 'other'],
  ])('%i: %s', async (status, expected) => {
    says(status, { location: 'http://169.254.169.254/', 'retry-after': '60' });
    expect(await ask(`${host}/shop/web:1.3.0`)).toMatchObject({ host, status, says: expected, url: `http://${host}/v2/shop/web/manifests/1.3.0` });
    expect(asked).toEqual(['HEAD /v2/shop/web/manifests/1.3.0 -']);
  });

  test('that wants a token for anybody gets asked with it, and its second answer counts', async () => {
    answer = ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) return response.end(JSON.stringify({ token: 'for-anybody' }));
      if (headers.authorization === 'Bearer for-anybody') return response.writeHead(404).end();
      const challenge = `Bearer realm="http://${host}/token",service="reg",scope="repository:shop/web:pull"`;
      return response.writeHead(401, { 'www-authenticate': challenge }).end();
    };
    expect(await ask(`${host}/shop/web:1`)).toMatchObject({ status: 404, says: 'not-found' });
    expect(asked).toEqual([
      'HEAD /v2/shop/web/manifests/1 -',
      'GET /token?service=reg&scope=repository%3Ashop%2Fweb%3Apull -',
      'HEAD /v2/shop/web/manifests/1 Bearer for-anybody',
    ]);
  });

  test.each([
    ['gives nobody a token', 401, ''],
    ['gives something else', 200, 'hello'],
    ['gives a token that would break a header', 200, JSON.stringify({ token: 'a\r\nx: y' })],
  ])('that %s has refused', async (_, status, text) => {
    answer = ({ url = '' }, response) =>
      url.startsWith('/token')
        ? response.writeHead(status).end(text)
        : response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end();
    expect(await ask(`${host}/web:1`)).toMatchObject({ status: 401, says: 'denied' });
  });

  test('that knows no HEAD is asked with GET, and no more than its answer is read', async () => {
    answer = ({ method }, response) => {
      if (method === 'HEAD') return response.writeHead(405).end();
      response.writeHead(200);
      return response.end('x'.repeat(200_000));
    };
    expect(await ask(`${host}/web:1`)).toMatchObject({ status: 200, says: 'there' });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'GET']);
  });

  test('where nobody listens cannot be reached', async () => {
    const closed = host;
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(`${closed}/web:1`)).toMatchObject({ status: 0, says: 'unreachable', said: expect.stringContaining('ECONNREFUSED') });
  });

  test('that does not answer is given up at the signal', async () => {
    const stop = new AbortController();
    answer = () => stop.abort(new Error('late'));
    await expect(askRegistry(`${host}/web:1`, { allowPrivate: true, signal: stop.signal })).rejects.toThrow('late');
  });
});

describe('who names an image does not choose whom this machine talks to', () => {
  test.each([
    ['the address itself', (port: string) => `127.0.0.1:${port}/web:1`],
    ['a name for it', (port: string) => `localhost:${port}/web:1`],
  ])('%s is not asked unless that is allowed', async (_, image) => {
    says(200);
    const answered = await ask(image(host.split(':')[1] ?? ''), false);
    expect(answered).toMatchObject({ status: 0, says: 'unasked', said: expect.stringMatching(/not an address of the internet/) });
    expect(asked).toEqual([]);
  });

  test('a token is not fetched where the registry itself may not be asked, nor over plain HTTP elsewhere', async () => {
    says(401, { 'www-authenticate': 'Bearer realm="http://169.254.169.254/latest/meta-data"' });
    expect(await ask(`${host}/web:1`)).toMatchObject({ says: 'unasked', said: expect.stringContaining('without TLS') });
    says(401, { 'www-authenticate': 'Bearer realm="file:///etc/passwd"' });
    expect(await ask(`${host}/web:1`)).toMatchObject({ says: 'unasked' });
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['172.16.0.1', false],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['::1', false],
    ['::ffff:169.254.169.254', false],
    ['fe80::1%eth0', false],
    ['fd00::1', false],
    ['64:ff9b::a9fe:a9fe', false],
    ['2002:a9fe:a9fe::1', false],
  ])('%s is of the internet: %s', (address, expected) => {
    expect(isPublic(address)).toBe(expected);
  });
});

test('what is no name of an image is asked of nobody', async () => {
  expect(await ask('Web Shop')).toBeUndefined();
});
