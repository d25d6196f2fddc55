// What holds for every package and no tool checks: arrows point one way, exports exist, files and scripts are there, one version a tool.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const problems = [];
const complain = (where, what) => problems.push(`${where}: ${what}`);

/** Who may import whom at run time (DESIGN 4): cli and examples wire, an adapter knows core alone. */
const arrows = {
  action: ['cli', 'core'],
  core: [],
  kube: ['core'],
  helm: ['core'],
  notifier: ['core'],
  prometheus: ['core'],
  sandbox: ['core'],
  telemetry: ['core'],
  cli: ['core', 'helm', 'kube', 'notifier', 'prometheus', 'sandbox', 'telemetry'],
};
/** Vendor clients, each allowed in one folder only. */
const vendors = {
  '@kubernetes/client-node': 'packages/kube/src/api/',
  undici: 'packages/kube/src/api/',
  'prometheus-query': 'packages/prometheus/src/api/',
  cockatiel: 'packages/prometheus/src/api/',
  '@opentelemetry/api': 'packages/telemetry/src/',
  '@prometheus-io/lezer-promql': 'packages/prometheus/src/vocabularies/',
  zod: 'packages/',
};

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const imports = (file) => [...readFileSync(file, 'utf8').matchAll(/(?:\bfrom|^import|\bimport\()\s*'([@\w][^'\s,]*)'/gm)].map(([, name]) => name);
const packageOf = (name) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const names = readdirSync('packages');
const versions = new Map();
for (const name of names) {
  const dir = `packages/${name}`;
  const manifest = json(`${dir}/package.json`);
  if (!(name in arrows)) complain(dir, 'add it to the arrows of scripts/check-packages.mjs');
  for (const file of ['README.md', 'tsconfig.json', 'tsup.config.ts', 'vitest.config.ts'])
    if (!existsSync(`${dir}/${file}`)) complain(dir, `${file} is missing`);
  for (const script of ['build', 'type-check', 'test', 'test:build']) if (!manifest.scripts?.[script]) complain(dir, `script ${script} is missing`);
  if (manifest.license !== 'MIT' || manifest.type !== 'module' || manifest.engines?.node !== '>=20.19')
    complain(dir, 'license MIT, type module and engines.node >=20.19 are required');
  for (const [key, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === 'string') continue;
    if (Object.keys(target).join() !== '@shepherd/source,types,default') complain(dir, `exports ${key}: want @shepherd/source, types, default in this order`);
    for (const file of Object.values(target)) if (!existsSync(`${dir}/${file}`)) complain(dir, `exports ${key}: ${file} does not exist (build first)`);
  }
  const runtime = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const [dependency, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    if (version !== '*' && !/^\d/.test(version)) complain(dir, `${dependency} ${version}: pin the version`);
    const other = versions.get(dependency);
    if (version !== '*' && other !== undefined && other.version !== version) complain(dir, `${dependency} ${version}, but ${other.dir} has ${other.version}`);
    if (version !== '*') versions.set(dependency, { version, dir });
  }
  for (const file of sources(`${dir}/src`)) {
    const test = /\.test(-d)?\.ts$|\/__fixtures__\/.*\.ts$/.test(file);
    for (const imported of imports(file)) {
      const used = packageOf(imported);
      const ours = used.startsWith('@shepherd/') ? used.slice('@shepherd/'.length) : undefined;
      if (ours === name) continue;
      if (!test && ours !== undefined && !arrows[name]?.includes(ours)) complain(file, `${name} must not import ${used}`);
      if (!test && ours === undefined && !used.startsWith('node:') && !(used in runtime)) complain(file, `${used} is no dependency of ${manifest.name}`);
      if (!test && vendors[used] !== undefined && !file.startsWith(vendors[used])) complain(file, `${used} is allowed in ${vendors[used]} only`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? `${names.length} packages are in order` : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
