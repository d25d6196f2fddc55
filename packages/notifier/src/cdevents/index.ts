import type { Delivery, Notifier, SecretSource } from '@shepherd/core';
import { deliveryOf, sending } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { bound } from './binding.js';
import { eventsOf } from './event.js';

/** Where CDEvents go, and in which form. */
export interface CdEventsOptions extends ChannelOptions {
  /** Where CloudEvents are taken over HTTP. */
  readonly url: SecretSource;
  /** Sent as a bearer token. */
  readonly token?: SecretSource | undefined;
  /** Of CloudEvents over HTTP. @default 'binary' */
  readonly mode?: 'binary' | 'structured' | undefined;
  /** Id of the environment. @default the rollout's `metadata.environment`, else the namespace */
  readonly environment?: string | undefined;
}

const modes: readonly unknown[] = ['binary', 'structured', undefined];

/**
 * Releases as CDEvents 0.5.1 over CloudEvents 1.0: `service.deployed`, `upgraded` and `rolledback`, `pipelinerun.started` and `finished`, `incident.detected` and
 * `resolved`; other notices as `dev.shepherd.<type>.v1`. An event of a service names its image by digest, or where the release did not by its tag. Of a version
 * without an image there is none, and the notice stays among those that are undelivered. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export function cdevents(options: CdEventsOptions): Notifier {
  const issues = [...sourceIssues('cdevents.url', options?.url), ...(options?.token === undefined ? [] : sourceIssues('cdevents.token', options.token))];
  if (!modes.includes(options?.mode)) issues.push({ path: 'cdevents.mode', got: 'no mode', expected: 'binary or structured' });
  if (options?.environment !== undefined && (typeof options.environment !== 'string' || options.environment === ''))
    issues.push({ path: 'cdevents.environment', got: 'no id', expected: 'a text that is not empty' });
  checkOptions('cdevents', options, ['url', 'token', 'mode', 'environment'], issues);
  const { name = 'cdevents', wants, url, token, mode = 'binary', environment, allowPrivate } = options;
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () =>
      channelFindings(
        name,
        [
          { path: 'cdevents.url', source: url, kind: 'address' },
          ...(token === undefined ? [] : [{ path: 'cdevents.token', source: token, kind: 'secret' } as const]),
        ],
        allowPrivate,
      ),
    send: (notice, { signal, clock }) =>
      sending(signal, async () => {
        const { events, missing } = eventsOf(notice, environment);
        const address = await secretLine('cdevents.url', url);
        const authorization = token === undefined ? {} : { authorization: `Bearer ${await secretLine('cdevents.token', token)}` };
        let last: Delivery = { kind: 'sent' };
        for (const event of events) {
          const { headers, body } = bound(event, mode);
          const reply = await exchange({ url: address, headers: { ...headers, ...authorization }, body, signal, allowPrivate });
          last = deliveryOf(reply, clock);
          if (last.kind !== 'sent') return last;
        }
        return missing === undefined ? last : { kind: 'refused', why: missing };
      }),
  };
}
