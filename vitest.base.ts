import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@shepherd/source', 'module', 'node', 'import', 'default'];

/** Tests run on the sources of all packages, without a build. */
export const packageTests = (name: string, test: NonNullable<ViteUserConfig['test']> = {}): ViteUserConfig =>
  defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    define: { __PACKAGE_VERSION__: JSON.stringify('0.0.0-test') },
    // A guard against hanging alone: what time a test needs says something of the machine, not of the code.
    test: {
      name,
      // Files of a package share one load of its modules: half of the time went into loading them. No module of ours keeps anything that a test could leave behind.
      isolate: false,
      setupFiles: [new URL('vitest.seed.ts', import.meta.url).pathname],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      include: ['src/**/*.test.ts', '*.test.ts'],
      // A config that a test has a command read is for Node to run, not for vite.
      server: { deps: { external: [/\/shepherd\.config\.m?[jt]s/] } },
      exclude: ['**/*.cluster.test.ts', '**/node_modules/**'],
      ...test,
    },
  });
