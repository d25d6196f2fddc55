import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notice } from '@shepherd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyNotice, context, notice } from '../__fixtures__/notice.js';
import { slack } from './index.js';
import { message } from './message.js';

interface Call {
  readonly method: string;
  readonly token: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Slack's Web API as far as a bot uses it: messages with a `ts`, errors with status 200. */
async function slackApi(
  fail: (call: Call, index: number) => { status?: number; headers?: Record<string, string>; error?: string } | undefined = () => undefined,
) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: Call = {
      method: (request.url ?? '').replace('/api/', ''),
      token: request.headers.authorization,
      body: JSON.parse(Buffer.concat(chunks).toString()) as Call['body'],
    };
    calls.push(call);
    const failed = fail(call, calls.length - 1);
    response.writeHead(failed?.status ?? 200, { 'content-type': 'application/json', ...failed?.headers });
    response.end(
      JSON.stringify(
        failed?.error === undefined ? { ok: true, channel: 'C0123456789', ts: `1767225600.00010${calls.length}` } : { ok: false, error: failed.error },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bot = slack({
    token: () => 'xoxb-1-secret',
    channel: ({ app }) => `#${app.name}`,
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    allowPrivate: true,
  });
  return { bot, calls, [Symbol.dispose]: () => void server.close() };
}

describe('a bot', () => {
  test('posts the first notice, edits it with each later one, and answers in its thread; a bad end is told to the channel', async () => {
    using api = await slackApi();
    const first = await api.bot.send(notice({ terminal: false }), context());
    expect(first).toEqual({ kind: 'sent', ref: 'C0123456789:1767225600.000101' });
    const ref = first.kind === 'sent' ? first.ref : undefined;
    expect(await api.bot.send(notice({ severity: 'info', terminal: false }), context({ ref }))).toEqual({ kind: 'sent', ref });
    expect(await api.bot.send(notice(), context({ ref }))).toEqual({ kind: 'sent', ref });
    expect(api.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update', 'chat.postMessage', 'chat.update', 'chat.postMessage']);
    const [post, edit, reply, , loud] = api.calls.map(({ body }) => body);
    expect(post).toMatchObject({ channel: '#web', unfurl_links: false, unfurl_media: false });
    expect(edit).toMatchObject({ channel: 'C0123456789', ts: '1767225600.000101' });
    expect(reply).toMatchObject({ channel: 'C0123456789', thread_ts: '1767225600.000101' });
    expect(reply).not.toHaveProperty('reply_broadcast');
    expect(loud).toMatchObject({ reply_broadcast: true });
    expect(api.calls.every(({ token, body }) => token === 'Bearer xoxb-1-secret' && typeof body['text'] === 'string' && body['text'] !== '')).toBe(true);
  });

  test.each(['message_not_found', 'edit_window_closed', 'cant_update_message'])('posts anew after %s', async (error) => {
    using api = await slackApi(({ method }) => (method === 'chat.update' ? { error } : undefined));
    expect(await api.bot.send(notice(), context({ ref: 'C0123456789:1767225600.000100' }))).toMatchObject({ kind: 'sent' });
    expect(api.calls.map(({ method, body }) => [method, body['thread_ts']])).toEqual([
      ['chat.update', undefined],
      ['chat.postMessage', undefined],
    ]);
  });

  test.each([
    ['invalid_auth', 'refused'],
    ['channel_not_found', 'refused'],
    ['not_in_channel', 'refused'],
    ['msg_blocks_too_long', 'refused'],
    ['ratelimited', 'retry'],
    ['internal_error', 'retry'],
  ] as const)('with status 200 and %s it is %s', async (error, kind) => {
    using api = await slackApi(() => ({ error }));
    expect(await api.bot.send(notice(), context())).toEqual({ kind, why: `answered ${error}` });
  });

  test('a rate limit says when to come again', async () => {
    using api = await slackApi(() => ({ status: 429, headers: { 'retry-after': '30' } }));
    expect(await api.bot.send(notice(), context())).toEqual({ kind: 'retry', why: 'answered 429', after: '30000ms' });
  });

  test("a reference that is none of Slack's is not used", async () => {
    using api = await slackApi();
    await api.bot.send(notice(), context({ ref: 'x"},{' }));
    expect(api.calls.map(({ method }) => method)).toEqual(['chat.postMessage']);
  });
});

type Any = Readonly<Record<string, unknown>>;
const textsOf = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { text } = value as Any;
  return [...(typeof text === 'string' ? [text] : []), ...Object.values(value).flatMap(textsOf)];
};

describe('a message', () => {
  test("keeps Slack's limits whatever the notice says, and has a text", () => {
    fc.assert(
      fc.property(anyNotice, (each: Notice) => {
        const { text, blocks } = message(each);
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(3_000);
        expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(10_000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        for (const block of blocks) {
          if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
          if (block.type === 'section' && 'text' in block) expect(block.text.text.length).toBeLessThanOrEqual(3_000);
          if (block.type === 'section' && 'fields' in block) {
            expect(block.fields.length).toBeLessThanOrEqual(10);
            for (const field of block.fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('calls nobody and makes no link out of foreign text', () => {
    const nasty = '<!channel> <!here> <@U123> <https://evil|ok> & </b>';
    const made = message(
      notice({
        title: nasty,
        text: nasty,
        facts: [{ key: nasty, value: nasty }],
        links: [
          { href: 'https://x/a|b>c', text: nasty },
          { href: 'javascript:alert(1)', text: 'x' },
        ],
      }),
    );
    const [header, ...rest] = made.blocks;
    expect(JSON.stringify(header)).toContain('plain_text');
    for (const text of [made.text, ...rest.flatMap(textsOf)]) expect(text).not.toMatch(/<[!@#]|<https:\/\/evil|javascript:/);
    expect(rest.flatMap(textsOf).filter((text) => text.startsWith('<https://x/'))).toEqual([
      '<https://x/a%7Cb%3Ec|&lt;!channel&gt; &lt;!here&gt; &lt;@U123&gt; &lt;https://evil¦ok&gt; &amp; &lt;/b&gt;>',
    ]);
  });
});
