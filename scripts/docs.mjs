// The API reference, from the sources: `npm run docs` writes it to docs/api as HTML. With `--check` nothing is written. What is exported, or a
// method of a port, without a word about it, names a type that is not exported, or links to nothing is a failure either way.
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

/** Named by what is exported, and left to it: bases whose fields stand where they are used, what is saved and opened by nobody, and workings of types. */
const hidden = {
  '@shepherd/cli': ['AnyChannel', 'Seconds', 'SecretPlace'],
  '@shepherd/core': [
    ...['AnyRemedy', 'Changes', 'Checked', 'Fences', 'On', 'Quiet'],
    ...['EarlyState', 'ErrorJudgeState', 'IncrementsState', 'LatencyJudgeState', 'PodWatchState', 'StageClockState'],
    ...['DataOf', 'T', 'evidenceShapes'],
  ],
  '@shepherd/kube': ['AnyRelease', 'purposes'],
  '@shepherd/notifier': ['ChannelOptions', 'Headers'],
  '@shepherd/sandbox': ['Objects'],
};

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
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
const modules = project.children ?? [];
if (modules.length !== entries.length) throw new Error(`${modules.length} modules of ${entries.length} entries`);

let silent = 0;
/** A function says it in its signature. */
const isSaid = (reflection) => [reflection, ...(reflection.signatures ?? [])].some(({ comment }) => comment?.hasVisibleComponent());
function complain(entry, name, { sources }) {
  console.error(`${entry.name}: ${name} is public and nothing is said of it (${sources?.[0]?.fileName}:${sources?.[0]?.line})`);
  silent += 1;
}
for (const module of modules) {
  const entry = entries.find(({ file }) => join(root, module.sources?.[0]?.fileName ?? '') === file);
  if (entry === undefined) throw new Error(`${module.name} is no entry`);
  module.name = entry.name;
  for (const exported of module.children ?? []) {
    // A reference is documented where it leads.
    if (exported.variant === 'reference') continue;
    if (!isSaid(exported)) complain(entry, exported.name, exported);
    // Whoever writes an adapter goes by every method of its port.
    if (!exported.sources?.[0]?.fileName.startsWith('packages/core/src/ports/')) continue;
    for (const member of exported.children ?? [])
      if (member.signatures !== undefined && !isSaid(member)) complain(entry, `${exported.name}.${member.name}`, member);
  }
}
app.validate(project);
// typedoc looks for types that are not exported in the package of the project alone: here it is each in turn.
app.options.setValue('validation', { notExported: true, invalidLink: false, invalidPath: false, rewrittenLink: false, notDocumented: false });
for (const name of new Set(entries.map((entry) => entry.package))) {
  project.packageName = name;
  app.options.setValue('intentionallyNotExported', hidden[name] ?? []);
  app.validate(project);
}
project.packageName = undefined;
if (!check) await app.generateOutputs(project);
const faults = silent + app.logger.errorCount + app.logger.warningCount;
console.log(faults === 0 ? `the API of ${entries.length} entries is documented` : `${faults} faults in the API of ${entries.length} entries`);
process.exitCode = faults === 0 ? 0 : 1;
