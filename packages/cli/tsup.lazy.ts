import type { BuildOptions, Plugin, PluginBuild } from 'esbuild';

/** A free name in the file that is written; see `tail`. */
const open = 'shepherdOpen';

/** Modules that are compiled together, when the first of them is needed. */
interface Unit {
  readonly modules: { readonly path: string; readonly resolveDir: string }[];
}

/**
 * One file that starts as fast as a small one: what the entry imports by `import()` stands at its end as text, and is compiled when the first of it is needed;
 * packages that are imported so from there each apart. V8 parses all of a module before it runs; a string it only skips.
 */
export const lazyModules = (options: BuildOptions): Plugin => ({
  name: 'lazy-modules',
  setup(build) {
    const own: Unit = { modules: [] };
    const units: Unit[] = [own];
    onImport(build, (path, resolveDir) => `${open}(0)[${indexIn(own, path, resolveDir)}]()`);
    build.onEnd(async ({ outputFiles = [], errors }) => {
      const file = outputFiles.find(({ path }) => path.endsWith('.mjs'));
      if (file === undefined || errors.length > 0) return;
      const texts: string[] = [];
      // Each may add some.
      for (let index = 0; index < units.length; index += 1) texts.push(await textOf(units, index, build, options));
      file.contents = new TextEncoder().encode(`${new TextDecoder().decode(file.contents)}\n${tail(texts)}`);
    });
  },
});

function indexIn({ modules }: Unit, path: string, resolveDir: string): number {
  const found = modules.findIndex((each) => each.path === path);
  if (found >= 0) return found;
  return modules.push({ path, resolveDir }) - 1;
}

/** What `import()` of something that is bundled comes to instead. `replace`: undefined leaves it. */
function onImport(build: PluginBuild, replace: (path: string, resolveDir: string, specifier: string) => string | undefined): void {
  const contents = new Map<string, string>();
  build.onResolve({ filter: /.*/ }, async ({ path, kind, pluginData, resolveDir, importer }) => {
    if (kind !== 'dynamic-import' || pluginData === open) return undefined;
    const found = await build.resolve(path, { kind: 'import-statement', pluginData: open, resolveDir, importer });
    if (found.external || found.errors.length > 0) return found;
    const text = replace(found.path, resolveDir, path);
    if (text === undefined) return undefined;
    // CommonJS, whatever stands there.
    const name = `${found.path}.cjs`;
    contents.set(name, text);
    return { path: name, namespace: 'lazy' };
  });
  build.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({ contents: `module.exports = ${contents.get(path)}`, loader: 'js' }));
}

async function textOf(units: Unit[], index: number, { esbuild }: PluginBuild, options: BuildOptions): Promise<string> {
  const { modules } = units[index] as Unit;
  const apart: Plugin = {
    name: 'packages-apart',
    setup(build) {
      onImport(build, (path, resolveDir, specifier) => {
        if (!path.includes('/node_modules/')) return undefined;
        const known = units.findIndex((unit, at) => at > 0 && unit.modules[0]?.path === specifier);
        return `${open}(${known >= 0 ? known : units.push({ modules: [{ path: specifier, resolveDir }] }) - 1}).all`;
      });
    },
  };
  const { outputFiles } = await esbuild.build({
    ...options,
    stdin: {
      contents: modules
        .map(({ path }, at) => (index === 0 ? `exports[${at}] = () => require(${JSON.stringify(path)});` : `export * as all from ${JSON.stringify(path)};`))
        .join('\n'),
      resolveDir: modules[0]?.resolveDir ?? import.meta.dirname,
    },
    define: { ...options.define, 'import.meta.url': 'shepherdUrl' },
    plugins: [apart, ...(options.plugins ?? [])],
    bundle: true,
    format: 'cjs',
    write: false,
  });
  return outputFiles?.[0]?.text ?? '';
}

/** Functions, for these are there before the first line of a module runs. */
const tail = (
  texts: readonly string[],
): string => `${texts.map((text, index) => `function shepherdText${index}() { return ${JSON.stringify(text)}; }`).join('\n')}
function ${open}(index) {
  ${open}.units ??= [];
  if (${open}.units[index] === undefined) {
    const Module = require('node:module');
    const filename = \`\${require('node:url').fileURLToPath(import.meta.url)}.\${index}\`;
    const text = [${texts.map((_, index) => `shepherdText${index}`).join(', ')}][index]();
    // As Node compiles CommonJS, so that import() of a config works in it.
    const compiled = new Module(filename);
    compiled._compile(\`module.exports = function (exports, require, module, shepherdUrl, ${open}) {\${text}\\n}\`, filename);
    const module = { exports: {} };
    compiled.exports(module.exports, require, module, import.meta.url, ${open});
    ${open}.units[index] = module.exports;
  }
  return ${open}.units[index];
}
`;

/** client-node is asked for the credentials of old auth providers alone; what belongs to its hundreds of models is left out. */
export const leanClientNode: Plugin = {
  name: 'lean-client-node',
  setup(build) {
    const inside = '/@kubernetes/client-node/';
    build.onResolve({ filter: /^@kubernetes\/client-node$|^\./ }, async ({ path, kind, pluginData, resolveDir, importer }) => {
      const own = path === '@kubernetes/client-node';
      if (pluginData === inside || (!own && !importer.includes(inside))) return undefined;
      if (own && importer === '<stdin>') return { path: resolveDir, namespace: 'lean' };
      return { ...(await build.resolve(path, { kind, pluginData: inside, resolveDir, importer })), sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'lean' }, ({ path }) => ({ contents: `export { KubeConfig } from '@kubernetes/client-node';`, resolveDir: path }));
  },
};
