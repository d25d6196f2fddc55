import { sha256 } from '../plan/sha256.js';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** `msg_` and 26 characters: the same for each attempt, in each process, so that a receiver can tell what it has already (EC 1.1.5). */
export function noticeId(rolloutId: string, type: string, sequence: number, notifier: string): string {
  const bytes = sha256(new TextEncoder().encode(`${rolloutId}/${type}/${sequence}/${notifier}`));
  const bits = bytes.slice(0, 17).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n) >> 6n;
  return `msg_${Array.from({ length: 26 }, (_, i) => alphabet[Number((bits >> BigInt(5 * (25 - i))) & 31n)]).join('')}`;
}
