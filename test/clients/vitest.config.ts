import { defineConfig } from 'vitest/config';

const conditions = ['@shepherd/source', 'module', 'node', 'import', 'default'];

/** What needs the programs of strangers: `npm run test:clients`. On sources, like all tests; each file has a sandbox of its own. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  define: { __PACKAGE_VERSION__: JSON.stringify('0.0.0-test') },
  test: { name: 'clients', include: ['*.test.ts'], pool: 'forks', maxWorkers: 2, testTimeout: 60_000, hookTimeout: 60_000, reporters: ['verbose'] },
});
