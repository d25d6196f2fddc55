// The API reference, from the sources: `npm run docs` writes it to docs/api as HTML. With `--check` nothing is written. What is exported without a word about it,
// names a type that is not exported, or links to nothing is a failure either way.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Application } from 'typedoc';

const root = resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');

/** What users import: every entry of every package, by its name. */
const entries = readdirSync(join(root, 'packages')).flatMap((name) => {
  const folder = join(root, 'packages', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(manifest.exports ?? {}).flatMap(([path, { '@shepherd/source': source }]) =>
    source === undefined ? [] : [{ package: manifest.name, name: join(manifest.name, path), file: join(folder, source) }],
  );
});

const app = await Application.bootstrap({
  name: 'Shepherd',
  entryPoints: entries.map(({ file }) => file),
  tsconfig: join(root, 'tsconfig.base.json'),
  skipErrorChecking: true, // done by tsc
  basePath: root,
  readme: 'none',
  out: join(root, 'docs/api'),
  excludeInternal: true,
  excludePrivate: true,
  disableGit: true,
  sourceLinkTemplate: 'https://github.com/shepherd-sdk/shepherd/blob/main/{path}#L{line}',
  packagesRequiringDocumentation: entries.map((entry) => entry.package),
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
const modules = project.children ?? [];
if (modules.length !== entries.length) throw new Error(`${modules.length} modules of ${entries.length} entries`);

let silent = 0;
for (const module of modules) {
  const entry = entries.find(({ file }) => join(root, module.sources?.[0]?.fileName ?? '') === file);
  if (entry === undefined) throw new Error(`${module.name} is no entry`);
  module.name = entry.name;
  for (const exported of module.children ?? []) {
    // A reference is documented where it leads; a function says it in its signature.
    const said = [exported, ...(exported.signatures ?? [])].some(({ comment }) => comment?.hasVisibleComponent());
    if (said || exported.variant === 'reference') continue;
    console.error(`${entry.name}: ${exported.name} is exported and nothing is said of it (${exported.sources?.[0]?.fileName}:${exported.sources?.[0]?.line})`);
    silent += 1;
  }
}
app.validate(project);
if (!check) await app.generateOutputs(project);
const faults = silent + app.logger.errorCount + app.logger.warningCount;
console.log(faults === 0 ? `the API of ${entries.length} entries is documented` : `${faults} faults in the API of ${entries.length} entries`);
process.exitCode = faults === 0 ? 0 : 1;
