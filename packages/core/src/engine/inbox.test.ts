import { expect, test } from 'vitest';
import { Inbox } from './inbox.js';

const by = { name: 'ada', kind: 'human' } as const;
const never = new AbortController().signal;

test('promote ends a pause, asked for or under way, and skips the waiting that is left; it approves nothing', async () => {
  const stop = new AbortController();
  const inbox = new Inbox(() => undefined);
  const resumed = inbox.next(['resume'], never);
  const approved = inbox.next(['approve', 'reject'], stop.signal);
  inbox.deliver({ kind: 'pause', rolloutId: 'r', by, timeoutMs: 1, onTimeout: 'rollback' });
  inbox.deliver({ kind: 'promote', rolloutId: 'r', by });
  expect(await resumed).toMatchObject({ kind: 'resume', by });
  stop.abort();
  expect(await approved).toBeUndefined();
  expect(inbox.takePause()).toBeUndefined();
  expect(inbox.skip.aborted).toBe(true);
});
