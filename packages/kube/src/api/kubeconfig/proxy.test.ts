import { describe, expect, it } from 'vitest';
import { isLoopback, proxyOf } from './proxy.js';

const of = (server: string, env: Record<string, string>) => proxyOf(new URL(server), env);

describe('proxyOf', () => {
  it('goes by scheme, in upper or lower case', () => {
    const env = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'plain:2' };
    expect(of('https://api.test', env)).toBe('http://secure:1');
    expect(of('http://api.test', env)).toBe('http://plain:2');
    expect(of('https://api.test', {})).toBeUndefined();
  });

  it('is none for loopback', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '[::1]', 'kind.localhost'])
      expect(of(`https://${host}:6443`, { HTTPS_PROXY: 'p:1' })).toBeUndefined();
  });

  it.each([
    ['https://api.test', '*', false],
    ['https://api.test', 'other.test, api.test', false],
    ['https://api.test', 'test', false],
    ['https://api.test', '.test', false],
    ['https://api.test', '*.test', false],
    ['https://test', '.test', true],
    ['https://api.test', 'pi.test', true],
    ['https://API.test', 'api.TEST', false],
    ['https://api.test:6443', 'api.test:6443', false],
    ['https://api.test:6443', 'api.test:443', true],
    ['https://api.test', 'api.test:443', false],
    ['https://10.2.3.4', '10.0.0.0/8', false],
    ['https://10.2.3.4', '10.2.3.0/25,10.2.3.4', false],
    ['https://11.2.3.4', '10.0.0.0/8', true],
    ['https://11.2.3.4', '10.0.0.0/99', true],
    ['https://[fd00::1]:6443', 'fd00::/8', false],
    ['https://[fd00::1]:6443', 'fd00::1', false],
    ['https://api.test', '', true],
  ])('%s with NO_PROXY=%s', (server, noProxy, proxied) => {
    expect(of(server, { HTTPS_PROXY: 'http://p:1', NO_PROXY: noProxy }) !== undefined).toBe(proxied);
  });
});

it('tells loopback from names that only look like it', () => {
  expect(['127.0.0.1.example.com', 'localhost.example.com', '10.0.0.1', '128.0.0.1'].some(isLoopback)).toBe(false);
});
