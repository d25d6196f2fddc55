import { type Issue, invalidOptions, type Notice, type Notifier, type SecretSource } from '@shepherd/core';
import { deliveryOf, sending } from '../http/delivery.js';
import { exchange } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { cut, fitting } from '../text/fit.js';
import { keyOf, signature } from './keys.js';

export { verifyWebhook } from './verify.js';

/** `secrets`: `whsec_…` (HMAC) or `whsk_…` (ed25519), one to three: all that are live sign, so that a receiver can change over. */
export interface WebhookOptions extends ChannelOptions {
  readonly url: SecretSource;
  readonly secrets: SecretSource | readonly SecretSource[];
  /** More headers, such as a tenant; none that is secret. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const longestBytes = 20_000;
const mostSecrets = 3;
const ownHeaders = /^(?:webhook-.*|content-type|content-length|host|authorization|connection|transfer-encoding)$/i;

/** Notices as Standard Webhooks 1.0.0: `{ type, timestamp, data: Notice }`, signed. @throws ShepherdError ERR_INVALID_OPTIONS */
export function webhook(options: WebhookOptions): Notifier {
  check(options);
  const { name = 'webhook', wants, url, secrets, headers = {}, allowPrivate } = options;
  const sources = (Array.isArray(secrets) ? secrets : [secrets]) as readonly SecretSource[];
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () =>
      channelFindings(
        name,
        [
          { path: 'webhook.url', source: url, kind: 'address' },
          ...sources.map((source, index) => ({ path: `webhook.secrets[${index}]`, source, kind: 'secret', wrong: noSigner }) as const),
        ],
        allowPrivate,
      ),
    send: (notice, { signal, clock }) =>
      sending(signal, async () => {
        // Serialised once: the bytes that are signed are those that are sent.
        const body = bodyOf(notice);
        const timestamp = String(Math.floor(clock.now().getTime() / 1_000));
        const signatures = await Promise.all(sources.map((source, index) => signed(source, index, notice.id, timestamp, body)));
        const reply = await exchange({
          url: await secretLine('webhook.url', url),
          headers: {
            ...headers,
            'content-type': 'application/json',
            'webhook-id': notice.id,
            'webhook-timestamp': timestamp,
            'webhook-signature': signatures.join(' '),
          },
          body,
          signal,
          allowPrivate,
        });
        return deliveryOf(reply, clock);
      }),
  };
}

const noSigner = (text: string): string | undefined => {
  const key = keyOf(text);
  return key === undefined || key.kind === 'ed25519-public' ? 'no key that signs' : undefined;
};

async function signed(source: SecretSource, index: number, id: string, timestamp: string, body: string): Promise<string> {
  const key = keyOf(await secretLine(`webhook.secrets[${index}]`, source));
  const made = key === undefined ? undefined : signature(key, id, timestamp, body);
  if (made !== undefined) return made;
  const expected = 'whsec_ and base64 of 24 to 64 bytes, or whsk_ and an ed25519 key';
  throw invalidOptions([{ path: `webhook.secrets[${index}]`, got: 'no key that signs', expected }]);
}

const bodyOf = (notice: Notice): string =>
  fitting(
    notice,
    ({ facts, text }) =>
      JSON.stringify({ type: notice.type, timestamp: notice.at, data: { ...notice, text: cut(notice.text, text), facts: notice.facts.slice(0, facts) } }),
    (body) => Buffer.byteLength(body) <= longestBytes,
  );

function check(options: WebhookOptions): void {
  const { url, secrets, headers = {} } = (options ?? {}) as Partial<WebhookOptions>;
  const sources = (Array.isArray(secrets) ? secrets : [secrets]) as readonly unknown[];
  const issues: Issue[] = [...sourceIssues('webhook.url', url), ...sources.flatMap((source, index) => sourceIssues(`webhook.secrets[${index}]`, source))];
  if (sources.length === 0 || sources.length > mostSecrets)
    issues.push({ path: 'webhook.secrets', got: `${sources.length}`, expected: `one to ${mostSecrets}` });
  for (const [key, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key) || ownHeaders.test(key))
      issues.push({ path: `webhook.headers.${key}`, got: 'a name that is taken', expected: 'a header of your own' });
    else if (typeof value !== 'string' || /[^\t\x20-\x7e]/.test(value))
      issues.push({ path: `webhook.headers.${key}`, got: 'no line of text', expected: 'one line of ASCII' });
  }
  checkOptions('webhook', options, ['url', 'secrets', 'headers'], issues);
}
