import type { Notice } from '@shepherd/core';
import { cut, cutEscaped, fitting } from '../text/fit.js';
import { titleOf } from '../text/title.js';
import { escape } from './escape.js';

/** Slack's limits (EC 2.1), in characters; the budget of all blocks is ours. */
const limits = { header: 150, section: 3_000, field: 2_000, fields: 10, text: 3_000, budget: 10_000 } as const;

export interface Message {
  /** Shown in notifications and where blocks are not. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

type Block =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false } }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] };

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

/** `verbatim`: Slack makes no link, channel or person out of what it finds in the text. */
const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true });

const mark = { info: '', warning: '⚠️ ', error: '❗ ', critical: '🚨 ' } as const satisfies Record<Notice['severity'], string>;

/** A link that Slack's own form cannot be broken out of; undefined where it is none. */
function link({ href, text }: Notice['links'][number]): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const safe = url.href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C').replaceAll('&', '&amp;');
  return `<${safe}|${escape(cut(text, 75)).replaceAll('|', '¦')}>`;
}

/** A notice as a message; pure. */
export function message(notice: Notice): Message {
  const title = `${mark[notice.severity]}${titleOf(notice)}`;
  const links = notice.links.slice(0, 5).flatMap((each) => link(each) ?? []);
  const blocks = fitting(
    notice,
    ({ facts, text }): readonly Block[] => {
      const fields = notice.facts
        .slice(0, Math.min(facts, limits.fields))
        .map(({ key, value }) => mrkdwn(cutEscaped(`*${key}*\n${value}`, limits.field, escape)));
      const said = cutEscaped(cut(notice.text, text), limits.section, escape);
      return [
        { type: 'header', text: { type: 'plain_text', text: cut(title, limits.header), emoji: false } },
        ...(said === '' ? [] : [{ type: 'section', text: mrkdwn(said) } as const]),
        ...(fields.length === 0 ? [] : [{ type: 'section', fields } as const]),
        ...(links.length === 0 ? [] : [{ type: 'context', elements: [mrkdwn(links.join(' · '))] } as const]),
      ];
    },
    (made) => JSON.stringify(made).length <= limits.budget,
  );
  return { text: cutEscaped(notice.text === '' ? title : `${title}\n${notice.text}`, limits.text, escape), blocks };
}
