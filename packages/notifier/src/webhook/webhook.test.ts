import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyNotice, context, notice } from '../__fixtures__/notice.js';
import { webhook } from './index.js';
import { keyOf, signature } from './keys.js';
import { verifyWebhook } from './verify.js';

const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const id = 'msg_00000000000000000000000001';
const timestamp = '1767225600';
const body = '{"type":"deploy.succeeded","timestamp":"2026-01-01T00:00:00.000Z","data":{"deployId":"d1"}}';
const now = new Date('2026-01-01T00:00:00Z');

/** What a receiver got. */
async function received(send: (url: string) => Promise<unknown>): Promise<{ headers: Record<string, string>; body: string }> {
  let got: { headers: Record<string, string>; body: string } | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got = { headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() };
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  server.close();
  return got as { headers: Record<string, string>; body: string };
}

test('signs as the published vector says', () => {
  expect(Buffer.byteLength(body)).toBe(91);
  expect(signature(keyOf(secret) as never, id, timestamp, body)).toBe('v1,3NW9ZmV/IUGuO62BkZL3WtO79Hki3gNO7B/HbuxeYEc=');
});

describe('verifyWebhook', () => {
  const headers = { 'webhook-id': id, 'Webhook-Timestamp': timestamp, 'webhook-signature': 'v1,3NW9ZmV/IUGuO62BkZL3WtO79Hki3gNO7B/HbuxeYEc=' };

  test('takes what was sent, by plain headers, by Headers, as text and as bytes, beside other signatures and secrets', () => {
    expect(verifyWebhook(headers, body, [secret], now)).toBe(true);
    expect(verifyWebhook(new Headers(headers), Buffer.from(body), [other, secret], now)).toBe(true);
    expect(verifyWebhook({ ...headers, 'webhook-signature': `v1,AAAA v1a,BBBB ${headers['webhook-signature']}` }, body, [secret], now)).toBe(true);
  });

  test.each([
    ['another body', headers, `${body} `, now],
    ['another id', { ...headers, 'webhook-id': `${id}x` }, body, now],
    ['a later time in the header', { ...headers, 'Webhook-Timestamp': '1767225601' }, body, now],
    ['too old', headers, body, new Date(now.getTime() + 301_000)],
    ['from the future', headers, body, new Date(now.getTime() - 301_000)],
    ['no signature', { ...headers, 'webhook-signature': '' }, body, now],
    ['another version of it', { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') }, body, now],
    ['no headers', {}, body, now],
    ['no number as time', { ...headers, 'Webhook-Timestamp': '1767225600.0' }, body, now],
  ] as const)('refuses %s', (_, given, raw, at) => expect(verifyWebhook(given, raw, [secret], at)).toBe(false));

  test('refuses what another secret signed, and complains about a secret that is none', () => {
    expect(verifyWebhook(headers, body, [other], now)).toBe(false);
    expect(() => verifyWebhook(headers, body, ['secret'], now)).toThrow(RangeError);
    expect(() => verifyWebhook(headers, body, [`whsec_${Buffer.alloc(23).toString('base64')}`], now)).toThrow(RangeError);
  });

  test('takes ed25519 by the public key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const signed = signature(keyOf(`whsk_${seed.toString('base64')}`) as never, id, timestamp, body) as string;
    const given = { ...headers, 'webhook-signature': signed };
    expect(signed).toMatch(/^v1a,/);
    expect(verifyWebhook(given, body, [`whpk_${raw.toString('base64')}`], now)).toBe(true);
    expect(verifyWebhook(given, `${body}x`, [`whpk_${raw.toString('base64')}`], now)).toBe(false);
  });
});

describe('a webhook', () => {
  test("is what its receiver verifies, with each live secret; the id is the notice's on every attempt", async () => {
    const got = await received((url) =>
      webhook({ url: () => url, secrets: [() => secret, () => other], allowPrivate: true }).send(notice(), context({ attempt: 3 })),
    );
    for (const each of [secret, other]) expect(verifyWebhook(got.headers, got.body, [each])).toBe(true);
    expect(got.headers['webhook-id']).toBe(notice().id);
    expect(JSON.parse(got.body)).toEqual({ type: notice().type, timestamp: notice().at, data: notice() });
  });

  test('is at most 20 kB whatever it says, and keeps title and links', async () => {
    await fc.assert(
      fc.asyncProperty(anyNotice, async (each) => {
        const got = await received((url) => webhook({ url: () => url, secrets: () => secret, allowPrivate: true }).send(each, context()));
        expect(Buffer.byteLength(got.body)).toBeLessThanOrEqual(20_000);
        const { data } = JSON.parse(got.body) as { data: typeof each };
        expect([data.title, data.links]).toEqual([each.title, each.links]);
      }),
      { numRuns: 50 },
    );
  });

  test('with a secret that cannot sign nothing is sent', async () => {
    const delivery = await webhook({ url: () => 'https://example.com', secrets: () => 'no-key' }).send(notice(), context());
    expect(delivery).toMatchObject({ kind: 'retry' });
    expect(JSON.stringify(delivery)).not.toContain('no-key');
  });
});
