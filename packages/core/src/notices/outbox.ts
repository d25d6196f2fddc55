import { bytesOf } from '../journal/bytes.js';
import type { Notice } from '../ports/notifier.js';
import { cut } from './clean.js';
import { noticeId } from './notice-id.js';

/** A notice on its way to one notifier; one that arrived is gone. `refused`: the channel does not want it, whoever asks again. */
export interface Letter {
  readonly notifier: string;
  readonly state: 'pending' | 'refused';
  readonly attempts: number;
  /** Why the last attempt failed; never an address or a token. */
  readonly why?: string | undefined;
}

/** What all notices of a rollout share. */
type NoticeShared = Pick<Notice, 'app' | 'by' | 'metadata' | 'strategy' | 'from' | 'to'>;

/** What a notice says, without what all notices of its rollout share. */
export type NoticeContent = Omit<Notice, 'id' | keyof NoticeShared>;

export interface StoredNotice extends NoticeContent {
  readonly to: readonly Letter[];
}

/** The same, and by notifier the reference of the first that arrived. */
export interface NoticeHead extends NoticeShared {
  readonly refs: Readonly<Record<string, string>>;
}

/** What nobody got yet, oldest first; kept in the app's journal, over crashes, takeovers and later rollouts. JSON. */
export interface Outbox {
  readonly heads: Readonly<Record<string, NoticeHead>>;
  readonly notices: readonly StoredNotice[];
  /** How many had to make room. */
  readonly dropped: number;
}

export const emptyOutbox: Outbox = { heads: {}, notices: [], dropped: 0 };

/** A notice for one notifier. */
export interface Address {
  readonly rolloutId: string;
  readonly sequence: number;
  readonly notifier: string;
}

export type Arrival = { readonly kind: 'sent'; readonly ref?: string | undefined } | { readonly kind: 'failed' | 'refused'; readonly why: string };

/** At most this many; more make room, progress first (EC 1.1.5). */
const most = 100;
/** What the outbox may take of a journal. */
export const outboxBytes = 64 * 1024;

/** With new notices at its end; of rollouts before the present one only what is still under way is kept. */
export function added(outbox: Outbox, rolloutId: string, head: Omit<NoticeHead, 'refs'>, notices: readonly StoredNotice[]): Outbox {
  if (notices.length === 0) return outbox;
  const all = [...outbox.notices, ...notices];
  const waiting = new Set(all.map((each) => each.rolloutId));
  const heads = Object.fromEntries(Object.entries(outbox.heads).filter(([id]) => waiting.has(id)));
  return fit({ ...outbox, heads: { ...heads, [rolloutId]: { ...head, refs: outbox.heads[rolloutId]?.refs ?? {} } }, notices: all }, outboxBytes);
}

/** After an attempt. One that was made room for meanwhile changes nothing but the reference. */
export function settled(outbox: Outbox, { rolloutId, sequence, notifier }: Address, arrival: Arrival): Outbox {
  const notices = outbox.notices.flatMap((notice): readonly StoredNotice[] => {
    if (notice.rolloutId !== rolloutId || notice.sequence !== sequence) return [notice];
    const to = notice.to.flatMap((letter) => (letter.notifier === notifier ? after(letter, arrival) : [letter]));
    return to.length === 0 ? [] : [{ ...notice, to }];
  });
  const head = outbox.heads[rolloutId];
  const ref = arrival.kind === 'sent' ? arrival.ref : undefined;
  if (ref === undefined || head === undefined || head.refs[notifier] !== undefined) return { ...outbox, notices };
  return { ...outbox, notices, heads: { ...outbox.heads, [rolloutId]: { ...head, refs: { ...head.refs, [notifier]: ref } } } };
}

function after(letter: Letter, arrival: Arrival): readonly Letter[] {
  if (arrival.kind === 'sent') return [];
  return [{ ...letter, state: arrival.kind === 'refused' ? 'refused' : 'pending', attempts: letter.attempts + 1, why: arrival.why }];
}

/** What was refused may go out again: a person has seen to the channel. */
export const reopened = (outbox: Outbox): Outbox => ({
  ...outbox,
  notices: outbox.notices.map((notice) => ({ ...notice, to: notice.to.map((letter) => ({ ...letter, state: 'pending' as const })) })),
});

/** A letter with what it says, as the notifier gets it. */
export interface Post extends Address {
  readonly notice: Notice;
  readonly ref: string | undefined;
  readonly letter: Letter;
}

/** What is for one notifier, in order. */
export const postFor = (outbox: Outbox, notifier: string): readonly Post[] =>
  outbox.notices.flatMap(({ to, ...content }) => {
    const letter = to.find((each) => each.notifier === notifier);
    const head = outbox.heads[content.rolloutId];
    if (letter === undefined || head === undefined) return [];
    const { refs, ...shared } = head;
    const id = noticeId(content.rolloutId, content.type, content.sequence, notifier);
    return [{ rolloutId: content.rolloutId, sequence: content.sequence, notifier, notice: { id, ...content, ...shared }, ref: refs[notifier], letter }];
  });

const isProgress = ({ terminal, severity, type }: NoticeContent): boolean => !terminal && severity === 'info' && type !== 'deploy.started';
const isIncident = ({ type }: NoticeContent): boolean => type.startsWith('incident.');
const isRefused = ({ to }: StoredNotice): boolean => to.every(({ state }) => state === 'refused');

const short = (notice: StoredNotice): StoredNotice => ({ ...notice, text: cut(notice.text, 120), facts: [], links: notice.links.slice(0, 1) });

/**
 * An outbox that fits: what no channel wants goes first, then progress, the oldest first, then the length of texts; an end, a failure or a wait for people only
 * where nothing else is left.
 */
export function fit(outbox: Outbox, maxBytes: number): Outbox {
  const fits = (each: Outbox): boolean => each.notices.length <= most && bytesOf(each) <= maxBytes;
  let now = outbox;
  for (const may of [isRefused, isProgress]) {
    while (!fits(now)) {
      const index = now.notices.findIndex(may);
      if (index < 0) break;
      now = without(now, index);
    }
  }
  if (!fits(now)) now = { ...now, notices: now.notices.map(short) };
  while (!fits(now) && now.notices.length > 0) {
    const index = now.notices.findIndex((notice) => !notice.terminal && !isIncident(notice));
    now = without(now, Math.max(0, index));
  }
  return now;
}

const without = (outbox: Outbox, index: number): Outbox => ({
  ...outbox,
  notices: outbox.notices.toSpliced(index, 1),
  dropped: outbox.dropped + 1,
});
