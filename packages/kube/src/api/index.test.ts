import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('loads no HTTP client, YAML reader or client-node before it needs them', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(20);
  const eager = files.filter((file) =>
    /^(import|export) (?!type )[^;]*from '(undici|yaml|@kubernetes\/client-node)'/m.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  );
  expect(eager).toEqual([]);
});
