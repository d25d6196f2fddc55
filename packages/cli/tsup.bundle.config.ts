import { defineConfig } from 'tsup';
import pkg from './package.json' with { type: 'json' };

const require = "import { createRequire as shepherdRequire } from 'node:module'; const require = shepherdRequire(import.meta.url);";

/** The same command as one file with all that it needs, for an image: `node shepherd.mjs`. */
export default defineConfig({
  entry: { shepherd: 'src/bin.ts' },
  outExtension: () => ({ js: '.mjs' }),
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  noExternal: [/.*/],
  splitting: false,
  minify: true,
  define: { __PACKAGE_VERSION__: JSON.stringify(pkg.version) },
  esbuildOptions(options) {
    // Some of what is inside is CommonJS and asks for it.
    options.banner = { js: require };
    options.conditions = ['@shepherd/source', 'module', 'import'];
  },
});
