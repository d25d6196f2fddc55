import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';

/** A key of Standard Webhooks: `whsec_` signs and verifies, `whsk_` signs, `whpk_` verifies. */
export type Key =
  | { readonly kind: 'hmac'; readonly secret: Buffer }
  | { readonly kind: 'ed25519-private'; readonly key: KeyObject }
  | { readonly kind: 'ed25519-public'; readonly key: KeyObject };

/** DER before the 32 bytes of an ed25519 key: PKCS #8 of a private one, SubjectPublicKeyInfo of a public one (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The key that a text is; undefined where it is none. */
export function keyOf(text: string): Key | undefined {
  const [, kind, encoded = ''] = /^(whsec|whsk|whpk)_(.+)$/.exec(text.trim()) ?? [];
  if (kind === undefined || !base64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (kind === 'whsec') return bytes.length >= 24 && bytes.length <= 64 ? { kind: 'hmac', secret: bytes } : undefined;
  if (kind === 'whpk') {
    if (bytes.length !== 32) return undefined;
    return { kind: 'ed25519-public', key: createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' }) };
  }
  // The seed alone, or seed and public key as many libraries keep them.
  if (bytes.length !== 32 && bytes.length !== 64) return undefined;
  return { kind: 'ed25519-private', key: createPrivateKey({ key: Buffer.concat([privatePrefix, bytes.subarray(0, 32)]), format: 'der', type: 'pkcs8' }) };
}

const signedBytes = (id: string, timestamp: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), typeof body === 'string' ? Buffer.from(body) : body]);

/** `v1,…` or `v1a,…`; undefined for a key that cannot sign. */
export function signature(key: Key, id: string, timestamp: string, body: string | Uint8Array): string | undefined {
  const bytes = signedBytes(id, timestamp, body);
  if (key.kind === 'hmac') return `v1,${createHmac('sha256', key.secret).update(bytes).digest('base64')}`;
  return key.kind === 'ed25519-private' ? `v1a,${sign(null, bytes, key.key).toString('base64')}` : undefined;
}

/** Whether one of the signatures is of this key. */
export function isSignedBy(key: Key, signatures: readonly string[], id: string, timestamp: string, body: string | Uint8Array): boolean {
  const bytes = signedBytes(id, timestamp, body);
  return signatures.some((each) => {
    const [version, encoded = ''] = each.split(',');
    const given = Buffer.from(encoded, 'base64');
    if (key.kind === 'hmac') {
      const own = createHmac('sha256', key.secret).update(bytes).digest();
      return version === 'v1' && given.length === own.length && timingSafeEqual(given, own);
    }
    const publicKey = key.kind === 'ed25519-private' ? createPublicKey(key.key) : key.key;
    return version === 'v1a' && given.length === 64 && verify(null, bytes, publicKey, given);
  });
}
