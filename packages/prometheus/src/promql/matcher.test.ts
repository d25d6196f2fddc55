import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selector } from './expression.js';
import { type Matcher, renderMatcher } from './matcher.js';

/** A string literal by the rules of Go, which PromQL's follow; it accepts nothing that Go would not. */
function goString(literal: string): string {
  const simple: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' };
  expect(literal.at(0)).toBe('"');
  expect(literal.at(-1)).toBe('"');
  let value = '';
  for (let at = 1; at < literal.length - 1; ) {
    const char = literal[at] as string;
    if (char === '"' || char === '\n') throw new Error(`ends early: ${literal}`);
    if (char !== '\\') {
      value += char;
      at += 1;
      continue;
    }
    const next = literal[at + 1] as string;
    if (next === 'u') {
      const code = literal.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(code) || /^d[89a-f]/i.test(code)) throw new Error(`no rune: ${literal}`);
      value += String.fromCharCode(Number.parseInt(code, 16));
      at += 6;
    } else if (simple[next] !== undefined) {
      value += simple[next];
      at += 2;
    } else throw new Error(`no escape of Go: \\${next}`);
  }
  return value;
}

/** The matchers of a selector as the grammar of Prometheus sees them. */
function matchersIn(query: string): readonly { readonly label: string; readonly op: string; readonly value: string }[] {
  const found: { label: string; op: string; value: string }[] = [];
  const trail: string[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      const { name } = node;
      trail.push(name);
      const text = query.slice(node.from, node.to);
      if (name === 'LabelName') found.push({ label: text, op: '', value: '' });
      const last = found.at(-1);
      if (last !== undefined && ['EqlSingle', 'Neq', 'EqlRegex', 'NeqRegex'].includes(name)) last.op = text;
      if (last !== undefined && name === 'StringLiteral') last.value = goString(text);
    },
  });
  expect(trail).not.toContain('⚠');
  expect(trail.filter((name) => name === 'VectorSelector')).toHaveLength(1);
  return found;
}

const nasty = fc.constantFrom(
  '"',
  '\\',
  '\n',
  '}',
  '{',
  ',',
  "'",
  '`',
  '\0',
  '\u2028',
  '$',
  '|',
  '.',
  '(',
  ')',
  '[',
  ']',
  '^',
  '*',
  '+',
  '?',
  '#',
  ' or ',
  '😀',
  '\x7f',
  '\r',
  '\t',
);
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
const value = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme' })), { minLength: 1 }).map((parts) => parts.join('')),
  )
  .filter((text) => text !== '');

describe('a rendered selector says what was meant', () => {
  test('a metric with dots stands in quotes among the matchers', () => {
    expect(selector('http.server.request.duration_seconds_count', [{ label: 'k8s.namespace.name', op: '=', value: 'shop' }])).toBe(
      '{"http.server.request.duration_seconds_count","k8s.namespace.name"="shop"}',
    );
  });

  test('values of = and != come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ label, op: fc.constantFrom('=' as const, '!=' as const), value }), { minLength: 1, maxLength: 4 }), (matchers) => {
        expect(matchersIn(selector('http_requests_total', matchers))).toEqual(matchers.map((each) => ({ ...each })));
      }),
      { numRuns: 500 },
    );
  });

  test('a list matches its values, each of them and nothing else', () => {
    fc.assert(
      fc.property(label, fc.array(value, { minLength: 1, maxLength: 4 }), value, (name, values, other) => {
        const [first = '', ...rest] = values;
        const [matcher] = matchersIn(selector('up', [{ label: name, op: 'in', values: [first, ...rest] }]));
        expect(matcher).toMatchObject({ label: name, op: '=~' });
        // Anchored, with a dot that matches line ends, as Prometheus compiles it.
        const pattern = new RegExp(`^(?:${matcher?.value})$`, 's');
        for (const each of values) expect(pattern.test(each)).toBe(true);
        expect(pattern.test(other)).toBe(values.includes(other));
        expect(pattern.test(`${first}${other}`)).toBe(values.includes(`${first}${other}`));
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, Matcher, string]>([
    ['quotes and backslashes', { label: 'x', op: '=', value: 'a"b\\c' }, 'x="a\\"b\\\\c"'],
    ['a dot in a list', { label: 'pod', op: 'in', values: ['a.b'] }, 'pod=~"a\\\\.b"'],
    ['a name with dots, which Prometheus 3 takes in quotes', { label: 'k8s.pod.name', op: '=', value: 'a' }, '"k8s.pod.name"="a"'],
    ['a newline and a brace', { label: 'x', op: '!=', value: '\n}' }, 'x!="\\n}"'],
  ])('%s', (_, matcher, text) => expect(renderMatcher(matcher)).toBe(text));

  test.each<[string, Matcher]>([
    ['an empty value, which series without the label have', { label: 'x', op: '=', value: '' }],
    ['an empty value in a list', { label: 'x', op: 'in', values: ['a', ''] }],
    ['an empty list', { label: 'x', op: 'in', values: [] as unknown as [string] }],
    ['half a character', { label: 'x', op: '=', value: '\ud800' }],
    ['a label that is none', { label: 'x="y",z', op: '=', value: 'a' }],
    ['a label with a dot at its end', { label: 'x.', op: '=', value: 'a' }],
    ['no text', { label: 'x', op: '=', value: 1 as unknown as string }],
    ['an operator that is none', { label: 'x', op: '=~' as '=', value: '.*' }],
  ])('refuses %s', (_, matcher) => expect(() => renderMatcher(matcher)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' })));
});
