import type { Post } from './outbox.js';
import type { Undelivered } from './post-office.js';

/** A notice that nobody got, for people. */
export const undelivered = ({ notifier, letter, notice: { id, type, title, app, rolloutId } }: Post): Undelivered => ({
  notifier,
  why: letter.why ?? 'not tried yet',
  id,
  type,
  title,
  app,
  rolloutId,
  attempts: letter.attempts,
});
