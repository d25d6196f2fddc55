import type { Delivery, Notice, NotifyContext } from '@shepherd/core';
import { deliveryOf } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { message } from './message.js';

/** Slack says why in a word such as `invalid_payload`. */
const word = (body: string): string => (/^[a-z_]{2,60}$/.test(body.trim()) ? body.trim() : '');

/** To an incoming webhook: a message for each notice; it has no id, so nothing can be edited or answered. */
export async function toWebhook(notice: Notice, { signal, clock }: NotifyContext, url: string, allowPrivate: boolean | undefined): Promise<Delivery> {
  const reply = await exchange({
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message(notice)),
    signal,
    allowPrivate,
  });
  // A proxy in between answers 200 too, with a page of its own: Slack says `ok`.
  return deliveryOf(reply, clock, word(reply.body), reply.status === 200 && reply.body.trim() === 'ok');
}
