import { isSignedBy, keyOf } from './keys.js';

/** Seconds that sender's and receiver's clocks may differ. */
const tolerance = 300;

type Headers = { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

function header(headers: Headers, name: string): string | undefined {
  if (typeof headers.get === 'function') return (headers as { get(name: string): string | null }).get(name) ?? undefined;
  const found = Object.entries(headers as Readonly<Record<string, string | readonly string[] | undefined>>).find(([key]) => key.toLowerCase() === name);
  const value = found?.[1];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Whether a webhook was sent by who knows one of the secrets, unchanged and just now (Standard Webhooks 1.0.0). `rawBody`: the bytes as they came, before any
 * parser. `secrets`: `whsec_…` or, of an asymmetric sender, its `whpk_…`; several while they are rotated. Keep the `webhook-id` of those that you took: the same
 * id again is the same notice. @throws RangeError for a secret that is none
 */
export function verifyWebhook(headers: Headers, rawBody: string | Uint8Array, secrets: readonly string[], now: Date = new Date()): boolean {
  const keys = secrets.map((secret, index) => {
    const key = keyOf(secret);
    if (key === undefined) throw new RangeError(`secrets[${index}] is no whsec_ or whpk_ key`);
    return key;
  });
  const [id, timestamp, signatures] = [header(headers, 'webhook-id'), header(headers, 'webhook-timestamp'), header(headers, 'webhook-signature')];
  if (id === undefined || id === '' || id.includes('.') || timestamp === undefined || signatures === undefined) return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1_000 - Number(timestamp)) > tolerance) return false;
  const given = signatures
    .split(' ')
    .filter((each) => each !== '')
    .slice(0, 20);
  return keys.some((key) => isSignedBy(key, given, id, timestamp, rawBody));
}
