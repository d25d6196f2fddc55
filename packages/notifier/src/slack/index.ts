import type { Issue, Notice, Notifier, SecretSource } from '@shepherd/core';
import { sending } from '../http/delivery.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { toChannel } from './bot.js';
import { toWebhook } from './webhook.js';

/**
 * `webhook`: an incoming webhook, a message for each notice. `token` and `channel`: a bot (scope `chat:write`), one message for each rollout, edited as it goes,
 * with a thread of all that happened. `api`: Slack's address, for its own editions. @default 'https://slack.com/api'
 */
export type SlackOptions = (
  | { readonly webhook: SecretSource }
  | { readonly token: SecretSource; readonly channel: string | ((notice: Notice) => string); readonly api?: string | undefined }
) &
  ChannelOptions;

const slackApi = 'https://slack.com/api';

/** Notices to Slack. @throws ShepherdError ERR_INVALID_OPTIONS */
export function slack(options: SlackOptions): Notifier {
  check(options);
  const { name = 'slack', wants, allowPrivate } = options;
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () =>
      'webhook' in options
        ? channelFindings(name, [{ path: 'slack.webhook', source: options.webhook, kind: 'address' }], allowPrivate)
        : channelFindings(name, [{ path: 'slack.token', source: options.token, kind: 'secret' }], allowPrivate, [options.api ?? slackApi]),
    send: (notice, context) =>
      sending(context.signal, async () => {
        if ('webhook' in options) return toWebhook(notice, context, await secretLine('slack.webhook', options.webhook), allowPrivate);
        const { token, channel, api = slackApi } = options;
        const to = typeof channel === 'function' ? channel(notice) : channel;
        return toChannel(notice, context, { token: await secretLine('slack.token', token), channel: to, api: api.replace(/\/+$/, ''), allowPrivate });
      }),
  };
}

function check(options: SlackOptions): void {
  const given = (options ?? {}) as unknown as Readonly<Record<string, unknown>>;
  const issues: Issue[] = [];
  if ('webhook' in given === 'token' in given)
    issues.push({ path: 'slack', got: 'webhook' in given ? 'a webhook and a token' : 'neither', expected: 'webhook, or token and channel' });
  else if ('webhook' in given) issues.push(...sourceIssues('slack.webhook', given['webhook']));
  else {
    issues.push(...sourceIssues('slack.token', given['token']));
    const { channel } = given;
    if (!(typeof channel === 'function' || (typeof channel === 'string' && channel !== '')))
      issues.push({ path: 'slack.channel', got: 'none', expected: "a channel such as '#deploys' or its id, or a function of the notice" });
  }
  checkOptions('slack', options, 'webhook' in given ? ['webhook'] : ['token', 'channel', 'api'], issues);
}
