import { defineConfig, type Options } from 'tsup';

/** One builder for all packages; a package names only its entries. */
export const packageBuild = (version: string, options: Options): ReturnType<typeof defineConfig> =>
  defineConfig({
    format: ['esm'],
    target: 'node20',
    clean: true,
    sourcemap: true,
    treeshake: true,
    define: { __PACKAGE_VERSION__: JSON.stringify(version) },
    // tsup sets baseUrl for its declaration build, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
    ...options,
  });
