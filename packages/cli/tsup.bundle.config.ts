import { defineConfig } from 'tsup';
import pkg from './package.json' with { type: 'json' };
import { lazyModules, leanClientNode } from './tsup.lazy.js';

const require = "import { createRequire as shepherdRequire } from 'node:module'; const require = shepherdRequire(import.meta.url);";

const options = {
  target: 'node20',
  platform: 'node',
  minify: true,
  define: { __PACKAGE_VERSION__: JSON.stringify(pkg.version) },
  conditions: ['@shepherd/source', 'module', 'import'],
  // Its compiler for a config in TypeScript stands inside too.
  alias: { jiti: 'jiti/static' },
} as const;

/** A program as one file with all that it needs, `NAME.mjs`; what it imports by `import()` is compiled when it is needed. */
export const oneFile = (name: string): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: { [name]: 'src/bin.ts' },
    outExtension: () => ({ js: '.mjs' }),
    format: ['esm'],
    target: options.target,
    platform: options.platform,
    noExternal: [/.*/],
    splitting: false,
    minify: options.minify,
    define: options.define,
    esbuildPlugins: [lazyModules({ ...options, conditions: [...options.conditions], plugins: [leanClientNode] })],
    esbuildOptions(esbuild) {
      // Some of what is inside is CommonJS and asks for it.
      esbuild.banner = { js: require };
      esbuild.conditions = [...options.conditions];
    },
  });

/** The same command as one file, for an image: `node shepherd.mjs`. */
export default oneFile('shepherd');
