import { defineConfig } from 'vitest/config';

const conditions = ['@shepherd/source', 'module', 'node', 'import', 'default'];

/** What needs a real cluster: `npm run test:cluster`. On sources, like all tests. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  define: { __PACKAGE_VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    name: 'cluster',
    include: ['*.cluster.test.ts'],
    // Each file has namespaces of its own; mostly they wait for pods; more of them than processors lose what the machine loses. What takes how long is the bench's to measure, one rollout at a time.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
