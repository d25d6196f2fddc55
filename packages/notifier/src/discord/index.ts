import type { Delivery, Notifier, SecretSource } from '@shepherd/core';
import { deliveryOf, retry, sending } from '../http/delivery.js';
import { exchange, type Reply } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { messageOf } from './embed.js';

/** Of a webhook of a Discord channel. */
export interface DiscordOptions extends ChannelOptions {
  readonly webhook: SecretSource;
  /** Of a thread in the webhook's channel. */
  readonly threadId?: string | undefined;
}

const longestPaceMs = 10_000;

/** Notices to Discord: one message a rollout, edited as it goes; its end is a message of its own, which people hear. @throws ShepherdError ERR_INVALID_OPTIONS */
export function discord(options: DiscordOptions): Notifier {
  const issues = [...sourceIssues('discord.webhook', options?.webhook)];
  if (options?.threadId !== undefined && !/^\d{5,30}$/.test(options.threadId)) issues.push({ path: 'discord.threadId', got: 'no id', expected: 'digits' });
  checkOptions('discord', options, ['webhook', 'threadId'], issues);
  const { name = 'discord', wants, webhook, threadId, allowPrivate } = options;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () => channelFindings(name, [{ path: 'discord.webhook', source: webhook, kind: 'address' }], allowPrivate),
    send: (notice, { signal, clock, ref }) =>
      sending(signal, async () => {
        const address = await secretLine('discord.webhook', webhook);
        const ask = async (method: 'POST' | 'PATCH', message: string): Promise<Reply> => {
          const waitMs = freeAtMs - clock.monotonicMs();
          if (waitMs > 0) await clock.sleep(waitMs, signal);
          const reply = await exchange({
            url: urlOf(address, message, threadId),
            method,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(messageOf(notice)),
            signal,
            allowPrivate,
          });
          freeAtMs = clock.monotonicMs() + paceMs(reply);
          return reply;
        };
        const known = ref !== undefined && /^\d{5,30}$/.test(ref) ? ref : undefined;
        if (known !== undefined) {
          const edited = await ask('PATCH', `/messages/${known}`);
          // A message that somebody deleted is made anew.
          if (edited.status !== 404) {
            const delivery = outcomeOf(edited, deliveryOf(edited, clock, '', isTaken(edited)));
            if (delivery.kind !== 'sent' || !notice.terminal) return delivery.kind === 'sent' ? { kind: 'sent', ref: known } : delivery;
          }
        }
        const posted = await ask('POST', '');
        const delivery = outcomeOf(posted, deliveryOf(posted, clock, '', isTaken(posted)));
        return delivery.kind === 'sent' ? { kind: 'sent', ref: idOf(posted) } : delivery;
      }),
  };
}

/** With the message, or without it where a webhook does not wait. */
const isTaken = ({ status }: Reply): boolean => status === 200 || status === 204;

/** How long until Discord takes another message; its limits stand in its answers alone. */
function paceMs({ headers }: Reply): number {
  const seconds = Number(headers['x-ratelimit-reset-after']);
  return headers['x-ratelimit-remaining'] === '0' && seconds > 0 ? Math.min(seconds * 1_000, longestPaceMs) : 0;
}

function urlOf(address: string, path: string, threadId: string | undefined): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  if (path === '') url.searchParams.set('wait', 'true');
  if (threadId !== undefined) url.searchParams.set('thread_id', threadId);
  return url.href;
}

const fieldOf = ({ body }: Reply, field: string): unknown => {
  try {
    return (JSON.parse(body) as Readonly<Record<string, unknown>> | null)?.[field];
  } catch {
    return undefined;
  }
};

const idOf = (reply: Reply): string | undefined => {
  const id = fieldOf(reply, 'id');
  return typeof id === 'string' && /^\d{5,30}$/.test(id) ? id : undefined;
};

/** How long to wait stands in the body too, in seconds with a fraction. */
function outcomeOf(reply: Reply, delivery: Delivery): Delivery {
  const after = reply.status === 429 ? fieldOf(reply, 'retry_after') : undefined;
  return delivery.kind === 'retry' && delivery.after === undefined && typeof after === 'number' && after >= 0 ? retry(delivery.why, after * 1_000) : delivery;
}
