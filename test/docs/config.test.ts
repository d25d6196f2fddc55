// Configs and queries that pages show: no field of a config is unknown, and a query is PromQL.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../packages/cli/src/config/parse-config.js';
import { readConfig } from '../../packages/cli/src/config/read-config.js';
import { checkQuery } from '../../packages/prometheus/src/vocabularies/check-query.js';
import { blocksOf, everyPage } from './lab/pages.js';

const blocks = everyPage.flatMap((page) => blocksOf(page));

/** A list is a part of something else. */
const configs = blocks.filter(({ language, text }) => language === 'yaml' && /^(?:app|environments|notify|schemaVersion):/m.test(text));

test.each(configs.map((block) => [`${block.page}:${block.line}`, block.text]))('config %s', async (_, text) => {
  const file = join(mkdtempSync(join(tmpdir(), 'docs-')), 'shepherd.config.yaml');
  writeFileSync(file, text);
  parseConfig(await readConfig(file, { env: undefined, ci: false }));
  rmSync(dirname(file), { recursive: true });
});

const queries = blocks
  .filter(({ language }) => language === 'promql')
  .flatMap(({ page, line, text }) =>
    text
      .trimEnd()
      .split('\n')
      .map((query, i) => [`${page}:${line + 1 + i}`, query] as const),
  );

test.each(queries)('query %s', (name, query) => {
  checkQuery(name, query, query, { counters: false });
});

test('there are some of both', () => expect([configs.length > 1, queries.length > 1]).toEqual([true, true]));
