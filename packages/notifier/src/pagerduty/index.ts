import { type Delivery, invalidOptions, type Notifier, type SecretSource } from '@shepherd/core';
import { deliveryOf, sending } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { eventsOf } from './event.js';

/** Of a service at PagerDuty. */
export interface PagerDutyOptions extends ChannelOptions {
  /** Of a service's Events API v2 integration: 32 characters; not a webhook's address. @default { env: 'PAGERDUTY_ROUTING_KEY' } */
  readonly routingKey?: SecretSource | undefined;
  /** @default 'https://events.pagerduty.com'; of an account in Europe 'https://events.eu.pagerduty.com' */
  readonly api?: string | undefined;
}

const isKey = (key: string): boolean => /^[0-9A-Za-z]{32}$/.test(key);

/**
 * Alerts by Events API v2: what failed opens one for the app, the next release that succeeds closes it; begin and success of a release are changes, which wake
 * nobody. All other notices are nothing to PagerDuty. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export function pagerduty(options: PagerDutyOptions = {}): Notifier {
  const { name = 'pagerduty', wants, routingKey = { env: 'PAGERDUTY_ROUTING_KEY' }, api = 'https://events.pagerduty.com', allowPrivate } = options;
  checkOptions('pagerduty', options, ['routingKey', 'api'], sourceIssues('pagerduty.routingKey', routingKey));
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () =>
      channelFindings(
        name,
        [
          {
            path: 'pagerduty.routingKey',
            source: routingKey,
            kind: 'secret',
            wrong: (key) => (isKey(key) ? undefined : 'no routing key of 32 letters and digits'),
          },
        ],
        allowPrivate,
        [api],
      ),
    send: (notice, { signal, clock }) =>
      sending(signal, async () => {
        const events = eventsOf(notice);
        if (events.length === 0) return { kind: 'sent' };
        const key = await secretLine('pagerduty.routingKey', routingKey);
        if (!isKey(key)) throw invalidOptions([{ path: 'pagerduty.routingKey', got: 'no routing key', expected: '32 letters and digits' }]);
        let last: Delivery = { kind: 'sent' };
        for (const { path, body } of events) {
          // A key of a global ruleset (R…) takes no changes.
          if (path === '/v2/change/enqueue' && key.startsWith('R')) continue;
          const reply = await exchange({
            url: `${api.replace(/\/+$/, '')}${path}`,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ routing_key: key, ...body }),
            signal,
            allowPrivate,
          });
          last = deliveryOf(reply, clock, '', reply.status === 202);
          if (last.kind !== 'sent') return last;
        }
        return last;
      }),
  };
}
