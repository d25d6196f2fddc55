import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const pages = new URL('../../../../docs/reference/errors/', import.meta.url);
const source = readFileSync(new URL('error-facts.ts', import.meta.url), 'utf8');

/** The codes and the names of their facts, from the text of the interface: types leave nothing to ask at run time. */
function codes(): ReadonlyMap<string, readonly string[]> {
  const body = /export interface ErrorFacts \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const parts = body.split(/^ {2}readonly (?=ERR_)/m).slice(1);
  return new Map(
    parts.map((part) => {
      const [code = '', facts = ''] = [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)];
      // What is in braces of its own belongs to an entry of a list.
      const own = facts
        .trim()
        .replace(/^\{/, '')
        .replaceAll(/\{[^{}]*\}/g, '');
      return [code, [...own.matchAll(/readonly (\w+)\??:/g)].map(([, name = '']) => name)];
    }),
  );
}

const read = (name: string): string => readFileSync(new URL(name, pages), 'utf8');

test('the interface is understood', () => {
  expect(codes().size).toBe([...source.matchAll(/readonly ERR_\w+:/g)].length);
  expect(codes().get('ERR_POD_DOOMED')).toEqual(['pod', 'state', 'exitCode', 'log', 'events']);
  expect(codes().get('ERR_FORBIDDEN')).toEqual(['missing']);
});

test.each([...codes()])('%s has a page with a message, reasons, a way out and all its facts', (code, facts) => {
  const page = read(`${code}.md`);
  expect(page.startsWith(`# ${code}\n`)).toBe(true);
  for (const part of ['```text\n', '## Why it happens', '## What to do', '## Facts', 'Exit code of the command: ']) expect(page).toContain(part);
  expect([...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(facts);
});

test('the index has every code once, and no page is about another', () => {
  const known = [...codes().keys()].toSorted();
  expect([...read('README.md').matchAll(/^\| \[(ERR_\w+)\]\(\1\.md\) \|/gm)].map(([, code]) => code).toSorted()).toEqual(known);
  expect(
    readdirSync(pages)
      .filter((name) => name !== 'README.md')
      .toSorted(),
  ).toEqual(known.map((code) => `${code}.md`));
});
