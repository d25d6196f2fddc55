export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warn';

const codes: Readonly<Record<Style, readonly [number, number]>> = { bold: [1, 22], dim: [2, 22], good: [32, 39], bad: [31, 39], warn: [33, 39] };

/** Text in a style. */
export const painted = (text: string, style: Style): string => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`;

/** One row of a frame: text without codes, and how its first `head` characters (all by default) look. */
export interface Row {
  readonly text: string;
  readonly style?: Style | undefined;
  readonly head?: number | undefined;
}

export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);

/** A row at most `width` wide, in colour or not. */
export function rowText({ text, style, head }: Row, width: number, colour: boolean): string {
  const short = cut(text, width);
  if (!colour || style === undefined) return short;
  return head === undefined ? painted(short, style) : `${painted(short.slice(0, head), style)}${short.slice(head)}`;
}

/** A bar of `width` characters, `share` of them full. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'█'.repeat(full)}${'░'.repeat(Math.max(0, width - full))}`;
}

/** `left` and `right` at the two ends of a row; on a narrow one the left gives way. */
export function ends(left: string, right: string, width: number): string {
  if (right === '') return cut(left, width);
  const room = width - right.length - 1;
  if (room < 10) return cut(left, width);
  return `${cut(left, room).padEnd(room)} ${right}`;
}
