// Tables that have to name everything there is.
import { causeClasses } from '@shepherd/core/diagnosis';
import { expect, test } from 'vitest';
import { pages, readPage } from './lab/pages.js';

const troubleshooting = readPage('docs/troubleshooting.md');

test('troubleshooting leads to every error page', () => {
  const codes = pages.flatMap((page) => /^docs\/reference\/errors\/(ERR_\w+)\.md$/.exec(page)?.[1] ?? []);
  expect(codes.filter((code) => !troubleshooting.includes(`(reference/errors/${code}.md)`))).toEqual([]);
});

test('troubleshooting explains every cause of a diagnosis, in the order of the diagnosis', () => {
  const [, table = ''] = troubleshooting.split('\n## Causes\n');
  expect([...table.matchAll(/^\| `([a-z-]+)` \| \S/gm)].map(([, code]) => code)).toEqual(Object.keys(causeClasses));
});

test('the index leads to every guide, runbook and page beside it', () => {
  const index = readPage('docs/README.md');
  const wanted = pages.filter((page) => /^docs\/(?:(?:guides|runbooks)\/)?[\w-]+\.md$/.test(page) && page !== 'docs/README.md');
  expect(wanted.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`))).toEqual([]);
});
