import type { Notice } from '@shepherd/core';
import { bytesOf, cut, fitting } from '../text/fit.js';
import { titleOf } from '../text/title.js';

/** Teams refuses from about 28 kB, some flows from 21 kB. */
const longestBytes = 20_000;

const colour = { info: 'Default', warning: 'Warning', error: 'Attention', critical: 'Attention' } as const satisfies Record<Notice['severity'], string>;

/** What Markdown of a TextBlock would read as something else. */
const escape = (text: string): string =>
  text.replace(/[\\`*_[\]()#>~|<&!{}]/g, (sign) => (sign === '<' ? '&lt;' : sign === '&' ? '&amp;' : sign === '>' ? '&gt;' : `\\${sign}`));

const isWeb = (href: string): boolean => /^https?:\/\//.test(href) && URL.canParse(href);

/** A notice as an Adaptive Card 1.4, the highest that Teams shows; pure. */
export const card = (notice: Notice): object =>
  fitting(
    notice,
    ({ facts, text }) => {
      const shown = notice.facts.slice(0, facts).map(({ key, value }) => ({ title: key, value: escape(value) }));
      const said = escape(cut(notice.text, text));
      const actions = notice.links.filter(({ href }) => isWeb(href)).slice(0, 6);
      const content = {
        type: 'AdaptiveCard',
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        version: '1.4',
        body: [
          { type: 'TextBlock', size: 'Medium', weight: 'Bolder', wrap: true, color: colour[notice.severity], text: escape(titleOf(notice)) },
          ...(said === '' ? [] : [{ type: 'TextBlock', wrap: true, text: said }]),
          ...(shown.length === 0 ? [] : [{ type: 'FactSet', facts: shown }]),
        ],
        ...(actions.length === 0 ? {} : { actions: actions.map(({ href, text: title }) => ({ type: 'Action.OpenUrl', title: cut(title, 75), url: href })) }),
      };
      return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
    },
    (made) => bytesOf(made) <= longestBytes,
  );
