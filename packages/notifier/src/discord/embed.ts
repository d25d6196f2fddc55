import type { Notice } from '@shepherd/core';
import { cut, cutEscaped, fitting } from '../text/fit.js';
import { titleOf } from '../text/title.js';

/** Discord's limits (EC 2.3), in characters. */
const limits = { title: 256, description: 4_096, fields: 25, key: 256, value: 1_024, all: 6_000 } as const;

const colour = { info: 0x2e7d32, warning: 0xf9a825, error: 0xc62828, critical: 0xb71c1c } as const satisfies Record<Notice['severity'], number>;

/** What Markdown, mentions and links of Discord's would make of foreign text. */
const escape = (text: string): string => text.replace(/[\\*_~`|>#[\]()<@-]/g, (sign) => `\\${sign}`);

const lengthOf = ({ title, description = '', fields = [] }: Embed): number =>
  title.length + description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);

interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly url?: string;
  readonly color: number;
  readonly timestamp: string;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline: true }[];
}

/** A notice as a message with one embed, in which nobody is mentioned; pure. */
export function messageOf(notice: Notice): object {
  const href = notice.links.find((link) => /^https?:\/\//.test(link.href) && URL.canParse(link.href))?.href;
  const embed = fitting(
    notice,
    ({ facts, text }): Embed => {
      const description = cutEscaped(cut(notice.text, text), limits.description, escape);
      const fields = notice.facts
        .slice(0, Math.min(facts, limits.fields))
        .map(({ key, value }) => ({ name: cutEscaped(key, limits.key, escape), value: cutEscaped(value, limits.value, escape), inline: true as const }));
      return {
        title: cut(titleOf(notice), limits.title),
        ...(description === '' ? {} : { description }),
        ...(href === undefined ? {} : { url: href }),
        color: colour[notice.severity],
        timestamp: notice.at,
        ...(fields.length === 0 ? {} : { fields }),
      };
    },
    (made) => lengthOf(made) <= limits.all,
  );
  return { embeds: [embed], allowed_mentions: { parse: [] } };
}
