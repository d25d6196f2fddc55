// A channel of one's own: posts once for each rollout, then answers under that message. Redirects are not followed, and no message shows the address.
import { type Delivery, type NoticeFilter, type Notifier, readSecret, type SecretSource } from '@shepherd/core';

export interface ChatOptions {
  readonly url: string;
  readonly token: SecretSource;
  readonly wants?: NoticeFilter | undefined;
}

export const chat = ({ url, token, wants }: ChatOptions): Notifier => ({
  specificationVersion: 'v1',
  name: 'chat',
  wants,
  async send({ title, text }, { signal, ref }): Promise<Delivery> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await readSecret(token)}` };
    const body = JSON.stringify({ title, text, thread: ref });
    const response = await fetch(url, { method: 'POST', signal, redirect: 'error', headers, body });
    if (response.status === 429 || response.status >= 500) {
      const seconds = Number(response.headers.get('retry-after') ?? 0);
      return { kind: 'retry', why: `answered ${response.status}`, ...(seconds > 0 ? { after: `${seconds}s` } : {}) };
    }
    if (!response.ok) return { kind: 'refused', why: `answered ${response.status}` };
    return { kind: 'sent', ref: ref ?? ((await response.json()) as { id: string }).id };
  },
});
