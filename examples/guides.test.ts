import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const guides = readdirSync(join(root, 'docs', 'guides')).filter((name) => name.endsWith('.md'));
/** What stands after a line `<!-- code: FILE -->`. */
const quoted = /<!-- code: (\S+) -->\n```\w+\n([\s\S]*?)```/g;

test.each(guides)('%s quotes code as it is tested', (name) => {
  const text = readFileSync(join(root, 'docs', 'guides', name), 'utf8');
  for (const [, file = '', code = ''] of text.matchAll(quoted)) expect(code).toBe(readFileSync(join(root, file), 'utf8'));
  expect([...text.matchAll(quoted)]).toHaveLength(text.split('<!-- code:').length - 1);
});
