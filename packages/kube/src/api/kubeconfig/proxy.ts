import { BlockList, isIP } from 'node:net';
import type { Environment } from './find-kubeconfig.js';

/**
 * The proxy that the environment names for a server, by the rules of Go's tools: HTTPS_PROXY or HTTP_PROXY by scheme, in upper or lower case; none for
 * loopback nor for what NO_PROXY lists (`*`, hosts, `.suffixes`, addresses, CIDR ranges, each with an optional port).
 */
export function proxyOf(server: URL, env: Environment): string | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy || isLoopback(server.hostname)) return undefined;
  const excluded = (env['NO_PROXY'] || env['no_proxy'] || '').split(',').map((rule) => rule.trim().toLowerCase());
  if (excluded.some((rule) => rule !== '' && matches(rule, server))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** True for an address that never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function matches(rule: string, server: URL): boolean {
  if (rule === '*') return true;
  const host = bare(server.hostname);
  if (rule.includes('/')) return isInRange(host, rule);
  const [, name = rule, port] = /^(.*?)(?::(\d+))?$/.exec(isIP(rule) === 6 ? `[${rule}]` : rule) ?? [];
  if (port !== undefined && port !== (server.port || (server.protocol === 'https:' ? '443' : '80'))) return false;
  const wanted = bare(name).replace(/^\*?\./, '');
  if (isIP(wanted) !== 0) return wanted === host;
  return host.endsWith(`.${wanted}`) || (host === wanted && !/^\*?\./.test(name));
}

function isInRange(host: string, range: string): boolean {
  const [net = '', bits] = range.split('/');
  const family = isIP(net);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits ?? '') || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(net, Number(bits), type);
  return list.check(host, type);
}

const bare = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
