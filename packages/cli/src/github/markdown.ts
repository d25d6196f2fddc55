import { cleanText } from '@shepherd/core';

const longestCell = 500;

/** Foreign text as it stands in a cell or a line of Markdown: no credentials, no controls, and nothing in it that is Markdown or HTML. Pure. */
export const inline = (text: string, longest = longestCell): string =>
  cleanText(text.replaceAll(/\s+/gu, ' ').trim(), longest)
    .replaceAll(/[\\`*_{}[\]()#+!|~@$:]/gu, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Text between backticks; those in it are no longer any. Pure. */
export const code = (text: string): string => `\`${cleanText(text.replaceAll(/[`\s]+/gu, ' ').trim(), longestCell).replaceAll('|', '\\|')}\``;

/** Rows as a table; nothing where there are none. Cells are Markdown already. Pure. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
