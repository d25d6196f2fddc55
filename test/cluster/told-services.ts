import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReceivedWebhook, type Service, slackHookPath, startPagerDuty, startSlack, startReceiver as startWebhook } from '@shepherd/notifier/testing';
import { startReceiver as startOtlp } from '../../packages/telemetry/src/__fixtures__/otlp-receiver.js';

/** How those fare who are told: all take it, nobody listens, all take a request and never answer, all say no. */
export type Fare = 'live' | 'down' | 'hangs' | 'refuses';

const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

/** Slack, PagerDuty, a webhook and a receiver of OpenTelemetry, as one release is told to tell them. */
export interface ToldServices extends AsyncDisposable {
  /** `notify` of a config. */
  readonly notify: unknown;
  readonly env: Readonly<Record<string, string>>;
  /** What came: the last text in Slack, summaries at PagerDuty, types at the webhook, names of spans. */
  heard(): { readonly slack: readonly string[]; readonly pagerDuty: readonly string[]; readonly webhook: readonly string[]; readonly spans: readonly string[] };
}

export async function toldServices(folder: string, fare: Fare): Promise<ToldServices> {
  const [slack, pager, hook, otlp] = await Promise.all([
    startSlack(),
    startPagerDuty(),
    startWebhook([key]),
    startOtlp(fare === 'live' || fare === 'down' ? 'takes' : fare),
  ]);
  const services = [slack, pager, hook] as readonly Service<unknown>[];
  if (fare === 'hangs' || fare === 'refuses') for (const service of services) service.trouble = fare;
  // As Slack refuses a webhook whose channel was archived; what its API would say is an answer of 200.
  if (fare === 'refuses') slack.trouble = 'gone';
  const close = async (): Promise<void> => {
    for (const each of [...services, otlp]) await each[Symbol.asyncDispose]();
  };
  // Nobody listens at their addresses any more.
  if (fare === 'down') await close();
  const secret = async (name: string, text: string): Promise<{ readonly file: string }> => {
    await writeFile(join(folder, name), text);
    return { file: join(folder, name) };
  };
  const channels = {
    chat: { kind: 'slack', webhook: await secret('slack', `${slack.url}${slackHookPath}`), allowPrivate: true },
    'on-call': { kind: 'pagerduty', routingKey: await secret('pager', 'k'.repeat(32)), api: pager.url, allowPrivate: true },
    hook: { kind: 'webhook', url: await secret('hook', `${hook.url}/in`), secrets: await secret('key', key), allowPrivate: true },
  };
  return {
    notify: { channels },
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    heard: () => ({
      slack: slack.messages.map(({ text }) => text),
      pagerDuty: pager.messages.map(({ summary }) => summary),
      webhook: hook.messages.map(({ type }: ReceivedWebhook) => type),
      spans: otlp.spans.map(({ name }) => name),
    }),
    [Symbol.asyncDispose]: fare === 'down' ? async () => undefined : close,
  };
}
