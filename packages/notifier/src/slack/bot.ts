import type { Delivery, Notice, NotifyContext } from '@shepherd/core';
import { afterMs, deliveryOf, retry } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { message } from './message.js';

interface Bot {
  readonly token: string;
  readonly channel: string;
  readonly api: string;
  readonly allowPrivate: boolean | undefined;
}

interface Answer {
  readonly ok?: unknown;
  readonly error?: unknown;
  readonly ts?: unknown;
  readonly channel?: unknown;
}

/** Errors of Slack's that pass; it says them with status 200. */
const passing = new Set(['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'rollup_error']);
/** The message of the rollout cannot be edited any more. */
const gone = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message', 'thread_not_found']);

const refShape = /^([A-Z0-9]{1,40}):(\d{1,20}\.\d{1,10})$/;

type Called = { readonly answer: Answer } | { readonly error: string } | { readonly delivery: Delivery };

/** To a channel, by a bot: the first notice of a rollout is a message, each later one edits it and answers in its thread (EC 2.1). */
export async function toChannel(notice: Notice, context: NotifyContext, bot: Bot): Promise<Delivery> {
  const said = message(notice);
  const [, channel, ts] = refShape.exec(context.ref ?? '') ?? [];
  const post = { ...said, unfurl_links: false, unfurl_media: false };
  if (channel === undefined || ts === undefined) return sent(await call(bot, context, 'chat.postMessage', { channel: bot.channel, ...post }));
  const edited = await call(bot, context, 'chat.update', { channel, ts, ...said });
  if ('error' in edited && gone.has(edited.error)) return sent(await call(bot, context, 'chat.postMessage', { channel: bot.channel, ...post }));
  if (!('answer' in edited)) return sent(edited);
  const loud = notice.terminal && (notice.severity === 'error' || notice.severity === 'critical');
  const reply = await call(bot, context, 'chat.postMessage', { channel, thread_ts: ts, ...post, ...(loud ? { reply_broadcast: true } : {}) });
  return 'answer' in reply ? { kind: 'sent', ref: context.ref } : sent(reply);
}

function sent(called: Called): Delivery {
  if ('delivery' in called) return called.delivery;
  if ('error' in called) return { kind: 'refused', why: `answered ${called.error}` };
  const { channel, ts } = called.answer;
  const ref = `${String(channel)}:${String(ts)}`;
  return refShape.test(ref) ? { kind: 'sent', ref } : { kind: 'sent' };
}

async function call({ token, api, allowPrivate }: Bot, { signal, clock }: NotifyContext, method: string, body: object): Promise<Called> {
  const reply = await exchange({
    url: `${api}/${method}`,
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal,
    allowPrivate,
  });
  if (reply.status !== 200) return { delivery: deliveryOf(reply, clock) };
  const answer = parsed(reply.body);
  if (answer === undefined) return { delivery: retry('answered 200 with what is no answer of Slack', undefined) };
  if (answer.ok === true) return { answer };
  const error = typeof answer.error === 'string' && /^[a-z_]{2,60}$/.test(answer.error) ? answer.error : 'an error without a name';
  return passing.has(error) ? { delivery: retry(`answered ${error}`, afterMs(reply.headers['retry-after'], clock)) } : { error };
}

function parsed(body: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'ok' in value ? value : undefined;
  } catch {
    return undefined;
  }
}
