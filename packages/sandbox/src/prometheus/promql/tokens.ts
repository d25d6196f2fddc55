import { ParseError } from './syntax.js';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'duration' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const patterns: readonly (readonly [Token['kind'] | undefined, RegExp])[] = [
  [undefined, /\s+|#[^\n]*/y],
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?![\w])/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w])/iy],
  ['name', /[a-zA-Z_:][\w:]*/y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y],
  ['symbol', /=~|!~|!=|==|<=|>=|[-+*/%^=<>(){}[\],@:]/y],
];

/** @throws ParseError */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length; ) {
    const found = patterns
      .map(([kind, pattern]) => {
        pattern.lastIndex = at;
        return [kind, pattern.exec(query)?.[0]] as const;
      })
      .find(([, text]) => text !== undefined);
    const [kind, text = ''] = found ?? [];
    if (text === '') throw new ParseError(`${placeOf(query, at)}: parse error: unexpected character: ${JSON.stringify(query[at])}`);
    if (kind !== undefined) tokens.push({ kind, text, at });
    at += text.length;
  }
  return [...tokens, { kind: 'end', text: '', at: query.length }];
}

export function placeOf(query: string, at: number): string {
  const before = query.slice(0, at).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;

/** The value of a string by the rules of Go. @throws ParseError */
export function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replaceAll(escape, (whole, ...groups: readonly (string | undefined)[]) => {
    const [hex, short, long, octal, char] = groups;
    const code = hex ?? short ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const value = char === undefined ? undefined : simple[char];
    if (value === undefined || (char === "'" && text.startsWith('"')) || (char === '"' && text.startsWith("'")))
      throw new ParseError(`parse error: unknown escape sequence ${whole}`);
    return value;
  });
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 };

export const durationMs = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0);
