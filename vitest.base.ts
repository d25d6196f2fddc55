import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@shepherd/source', 'module', 'node', 'import', 'default'];

/** Tests run on the sources of all packages, without a build. */
export const packageTests = (name: string, test: NonNullable<ViteUserConfig['test']> = {}): ViteUserConfig =>
  defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    define: { __PACKAGE_VERSION__: JSON.stringify('0.0.0-test') },
    test: { name, include: ['src/**/*.test.ts', '*.test.ts'], exclude: ['**/*.cluster.test.ts', '**/node_modules/**'], ...test },
  });
