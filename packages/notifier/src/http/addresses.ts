import { BlockList, isIP, isIPv4 } from 'node:net';

const listOf = (...ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
};

/** What is nobody else's on the internet: unspecified, private, shared, loopback, link-local (cloud metadata), documentation, benchmarks, multicast, reserved (EC 1.2.2). */
const special = listOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
const special6 = listOf('::/96', '100::/64', '2001:db8::/32', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8');
const loopback = listOf('127.0.0.0/8');

/** The eight groups of an IPv6 address, as numbers. */
function groupsOf(address: string): readonly number[] {
  const [plain = ''] = address.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const hex = (a: unknown, b: unknown): string => (Number(a) * 256 + Number(b)).toString(16);
  const text = dotted === null ? plain : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const parts = (side: string): readonly number[] => (side === '' ? [] : side.split(':').map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return parts(head);
  const [first, last] = [parts(head), parts(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** The IPv4 address that an IPv6 one stands for: mapped, translated (NAT64), tunnelled (6to4). */
function embedded(address: string): string | undefined {
  const groups = groupsOf(address);
  const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const [a, b] = groups;
  const begins = (...start: readonly number[]): boolean => start.every((group, i) => groups[i] === group);
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(groups[6], groups[7]);
  return a === 0x2002 ? dotted(b, groups[2]) : undefined;
}

/** `public`: of the internet at large; whatever else an address is, a notice does not go there unless that was allowed. */
export function kindOf(address: string): 'public' | 'loopback' | 'private' {
  if (isIP(address) === 6) {
    const inner = embedded(address);
    if (inner !== undefined) return kindOf(inner);
    if (groupsOf(address).join() === '0,0,0,0,0,0,0,1') return 'loopback';
    return special6.check(address.split('%')[0] ?? '', 'ipv6') ? 'private' : 'public';
  }
  if (isIP(address) !== 4) return 'private';
  if (loopback.check(address)) return 'loopback';
  return special.check(address) ? 'private' : 'public';
}
