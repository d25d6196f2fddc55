import { type NoticeFilter, type Notifier, readSecret, type SecretSource } from '@shepherd/core';
import type { ChannelSettings } from '../config/notify-settings.js';
import type { SecretPlace } from '../config/secret-place.js';
import type { Connection } from '../connect.js';
import { workflowCommand } from '../github/workflow-command.js';
import type { Io } from '../io.js';
import { secretSource } from '../secret-source.js';
import { wantsOf } from './routes.js';

/** The channels of a config; the code of each kind is loaded when one of it is there. @throws ShepherdError ERR_INVALID_OPTIONS */
export function makeChannels(
  { notify: settings, environment, ...connection }: Connection,
  io: Pick<Io, 'env' | 'stderr' | 'mask'>,
): Promise<readonly Notifier[]> {
  if (settings === undefined) return Promise.resolve([]);
  const secret = masked(io, secretSource(connection));
  return Promise.all(Object.entries(settings.channels).map(([name, channel]) => makeChannel(name, channel, wantsOf(name, settings, environment), secret)));
}

async function makeChannel(
  name: string,
  channel: ChannelSettings,
  wants: readonly NoticeFilter[] | undefined,
  secret: (place: SecretPlace) => SecretSource,
): Promise<Notifier> {
  const common = { name, wants, allowPrivate: channel.allowPrivate };
  switch (channel.kind) {
    case 'slack': {
      const { slack } = await import('@shepherd/notifier/slack');
      const { webhook, token, channel: to = '', api } = channel;
      if (webhook !== undefined) return slack({ ...common, webhook: secret(webhook) });
      return slack({ ...common, token: secret(token as SecretPlace), channel: to, ...(api === undefined ? {} : { api }) });
    }
    case 'pagerduty': {
      const { pagerduty } = await import('@shepherd/notifier/pagerduty');
      return pagerduty({
        ...common,
        routingKey: secret(channel.routingKey ?? { env: 'PAGERDUTY_ROUTING_KEY' }),
        ...(channel.api === undefined ? {} : { api: channel.api }),
      });
    }
    case 'teams':
      return (await import('@shepherd/notifier/teams')).teams({ ...common, webhook: secret(channel.webhook) });
    case 'discord':
      return (await import('@shepherd/notifier/discord')).discord({
        ...common,
        webhook: secret(channel.webhook),
        ...(channel.threadId === undefined ? {} : { threadId: channel.threadId }),
      });
    case 'cdevents': {
      const { url, token, mode, environment } = channel;
      const { cdevents } = await import('@shepherd/notifier/cdevents');
      return cdevents({ ...common, url: secret(url), ...(token === undefined ? {} : { token: secret(token) }), mode, environment });
    }
    case 'grafana': {
      const { url, token, dashboardUid, panelId } = channel;
      const { grafana } = await import('@shepherd/notifier/grafana');
      return grafana({ ...common, url, token: secret(token), dashboardUid, panelId });
    }
    case 'webhook': {
      const { url, secrets, headers } = channel;
      const keys = (Array.isArray(secrets) ? secrets : [secrets]) as readonly SecretPlace[];
      const { webhook } = await import('@shepherd/notifier/webhook');
      return webhook({ ...common, url: secret(url), secrets: keys.map(secret), ...(headers === undefined ? {} : { headers }) });
    }
  }
}

/** Reads a secret each time it is needed, from the world of this command; in GitHub each value is masked in the log before it is used (EC 1.2.3). */
const masked = (
  { env, stderr, mask = (secret) => void stderr.write(workflowCommand('add-mask', secret)) }: Pick<Io, 'env' | 'stderr' | 'mask'>,
  sourceOf: (place: SecretPlace) => SecretSource,
) => {
  const known = new Set<string>();
  return (place: SecretPlace): SecretSource => {
    const source = sourceOf(place);
    if (env['GITHUB_ACTIONS'] !== 'true') return source;
    return async () => {
      const value = await readSecret(source);
      if (!known.has(value) && value !== '') {
        known.add(value);
        for (const line of value.split('\n')) if (line.trim() !== '') mask(line);
      }
      return value;
    };
  };
};
