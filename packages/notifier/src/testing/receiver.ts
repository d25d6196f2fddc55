import type { Notice } from '@shepherd/core';
import { verifyWebhook } from '../webhook/verify.js';
import { jsonOf, type Service, startService } from './service.js';

/** A webhook as its receiver keeps it: each `webhook-id` once. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Notice;
  /** How often it came. */
  times: number;
}

const longestBytes = 20_000;

/**
 * A receiver of Standard Webhooks that verifies each request with `secrets` at `now`, and takes an id once. `now` @default the system's time; give the clock of
 * the sender's where that is virtual.
 */
export const startReceiver = (secrets: readonly string[], now: () => Date = () => new Date()): Promise<Service<ReceivedWebhook>> =>
  startService<ReceivedWebhook>({
    refuses: { status: 401 },
    take(asked, messages) {
      if (Buffer.byteLength(asked.body) > longestBytes) return { status: 413 };
      if (!verifyWebhook(asked.headers, asked.body, secrets, now())) return { status: 401 };
      const { type, timestamp, data } = (jsonOf(asked) ?? {}) as unknown as ReceivedWebhook;
      const id = String(asked.headers['webhook-id']);
      const known = messages.find((each) => each.id === id);
      if (known === undefined) messages.push({ id, type, timestamp, data, times: 1 });
      else known.times += 1;
      return { status: 204 };
    },
  });
