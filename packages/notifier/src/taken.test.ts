// How each channel says yes (EC 2): what else comes with a 2xx is a failed attempt, with what was said.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Delivery, Notifier } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import { context, notice } from './__fixtures__/notice.js';
import { discord } from './discord/index.js';
import { pagerduty } from './pagerduty/index.js';
import { slack } from './slack/index.js';
import { teams } from './teams/index.js';
import { isTaken } from './teams/taken.js';
import { webhook } from './webhook/index.js';

async function answered(status: number, body: string, channel: (url: string) => Notifier): Promise<Delivery> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(status === 204 ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await channel(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).send(notice({ type: 'deploy.failed' }), context());
  } finally {
    server.close();
  }
}

const allowPrivate = true;
const channels: Readonly<Record<string, (url: string) => Notifier>> = {
  slack: (url) => slack({ webhook: () => `${url}/services/T/B/x`, allowPrivate }),
  pagerduty: (url) => pagerduty({ routingKey: () => 'a'.repeat(32), api: url, allowPrivate }),
  teams: (url) => teams({ webhook: () => url, allowPrivate }),
  discord: (url) => discord({ webhook: () => `${url}/api/webhooks/1/x`, allowPrivate }),
  webhook: (url) => webhook({ url: () => url, secrets: () => `whsec_${Buffer.alloc(32, 1).toString('base64')}`, allowPrivate }),
};

describe.each<[string, number, string, boolean]>([
  ['slack', 200, 'ok', true],
  ['slack', 200, '<html>\n<b>Log in</b></html>', false],
  ['slack', 200, '', false],
  ['slack', 204, '', false],
  ['pagerduty', 202, '{"status":"success"}', true],
  ['pagerduty', 200, '{"status":"success"}', false],
  ['teams', 202, '', true],
  ['teams', 200, 'accepted', true],
  ['discord', 200, '{"id":"1234567"}', true],
  ['discord', 204, '', true],
  ['discord', 202, 'queued', false],
  ['webhook', 200, 'anything', true],
  ['webhook', 204, '', true],
])('%s, %i %j', (channel, status, body, isSent) => {
  test(isSent ? 'is delivered' : 'is a failed attempt that says what came', async () => {
    const delivery = await answered(status, body, channels[channel] as (url: string) => Notifier);
    if (isSent) return expect(delivery.kind).toBe('sent');
    expect(delivery).toMatchObject({ kind: 'retry', why: expect.stringContaining(`answered ${status}`) });
    expect((delivery as { why: string }).why).toContain(body.replaceAll(/\s+/g, ' '));
  });
});

test('what is said of an answer is one line, and short', async () => {
  const delivery = await answered(200, `${'page '.repeat(500)}\u001b[31m`, channels['slack'] as (url: string) => Notifier);
  expect((delivery as { why: string }).why.length).toBeLessThan(160);
  expect((delivery as { why: string }).why).not.toMatch(/\p{Cc}/u);
});

test.each([
  ['https://contoso.webhook.office.com/webhookb2/x', '1', true],
  ['https://contoso.webhook.office.com/webhookb2/x', 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429', false],
  ['https://outlook.office.com/webhook/x', '', false],
  ['https://prod-01.westeurope.logic.azure.com/workflows/x', '', true],
  ['https://webhook.office.com.example.com/x', '', true],
])('a connector of Teams before Workflows says 1: %s, %j', (url, body, is) => {
  expect(isTaken(url, { body })).toBe(is);
});
