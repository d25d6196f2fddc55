import type { Notifier, SecretSource } from '@shepherd/core';
import { deliveryOf, sending } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { card } from './card.js';
import { isTaken } from './taken.js';

/** Of a Workflow of Microsoft Teams. */
export interface TeamsOptions extends ChannelOptions {
  /** Address of the Workflow "when a Teams webhook request is received". */
  readonly webhook: SecretSource;
}

/** Between two messages: Teams slows down who sends more than four a second. */
const pauseMs = 250;

/**
 * Notices to Microsoft Teams as Adaptive Cards, by a Workflow. `sent` means that Teams accepted it: a flow may still fail after that, and says so only in its own
 * history. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export function teams(options: TeamsOptions): Notifier {
  checkOptions('teams', options, ['webhook'], sourceIssues('teams.webhook', options?.webhook));
  const { name = 'teams', wants, webhook, allowPrivate } = options;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () => channelFindings(name, [{ path: 'teams.webhook', source: webhook, kind: 'address' }], allowPrivate),
    send: (notice, { signal, clock }) =>
      sending(signal, async () => {
        const waitMs = freeAtMs - clock.monotonicMs();
        freeAtMs = Math.max(freeAtMs, clock.monotonicMs()) + pauseMs;
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        const url = await secretLine('teams.webhook', webhook);
        const reply = await exchange({
          url,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(card(notice)),
          signal,
          allowPrivate,
        });
        return deliveryOf(reply, clock, '', isTaken(url, reply));
      }),
  };
}
