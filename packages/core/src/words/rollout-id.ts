import type { AppParts } from './app.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Stands for "the platform's default namespace"; no namespace can be called so. */
const unnamed = '-';

/** Where a rollout is kept. */
export interface RolloutAddress extends AppParts {
  readonly cluster: string;
}

const base32 = (value: bigint, length: number): string =>
  Array.from({ length }, (_, i) => alphabet[Number((value >> BigInt(5 * (length - 1 - i))) & 31n)]).join('');

/** FNV-1a, 64 bits: enough to tell keys of one app apart, and no promise to wait for. */
function fnv(text: string, seed: bigint): bigint {
  let hash = 0xcbf29ce484222325n ^ seed;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/**
 * `eu_shop_web_01JD…`: address and a part that sorts by time. `_` is in no Kubernetes name, and the whole fits a URL, a file name and a label. The same
 * idempotency key makes the same id.
 */
export function rolloutId({ cluster, namespace, name }: RolloutAddress, now: Date, key?: string): string {
  const unique =
    key === undefined
      ? base32(BigInt(now.getTime()), 10) + base32(BigInt.asUintN(40, crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n), 8)
      : `K${base32(fnv(key, 0n), 13).slice(1)}${base32(fnv(key, 1n), 6)}`;
  return `${cluster}_${namespace ?? unnamed}_${name}_${unique}`;
}

/** The address in an id; `undefined` where it is none. */
export function parseRolloutId(id: string): RolloutAddress | undefined {
  const [cluster, namespace, name, unique, ...more] = id.split('_');
  if (!cluster || !namespace || !name || !unique || more.length > 0) return undefined;
  return { cluster, namespace: namespace === unnamed ? undefined : namespace, name };
}
