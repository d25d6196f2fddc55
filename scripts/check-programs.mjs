// The programs of the reference against the packages as npm packs them, in a folder outside the workspace: what users will write compiles and what must not
// compile does not; the tests of a deploy script and of plugins pass; the deploy script runs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installPacked } from './programs/outside.mjs';

const reference = resolve(process.env.SHEPHERD_REFERENCE ?? '../shared/reference');
const used = ['core', 'helm', 'kube', 'notifier', 'prometheus', 'sandbox'];
const programs = [
  '1-deploy-script.ts',
  '2-platform-service.ts',
  '3-datadog-metrics.ts',
  '3-plugins.test.ts',
  '3-rocketchat-notifier.ts',
  '4-extensions.ts',
  '5-deploy-script.test.ts',
  'must-not-compile.ts',
  'third-party-errors.ts',
];
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
  module: 'NodeNext',
  types: ['node'],
};

const failed = [];
function part(name, command, args, options) {
  console.log(`── ${name}`);
  const startedMs = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  console.log(`   ${status === 0 ? 'well' : 'FAILED'}, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  if (status !== 0) failed.push(name);
}

/** Packages that are not built yet are stood in for by their declarations in the reference API, and named. */
function declareMissing(root) {
  const declared = readFileSync(join(reference, 'api.expanded.d.ts'), 'utf8').matchAll(/declare module '(@shepherd\/([^'/]+)[^']*)' \{[\s\S]*?\n\}/g);
  const missing = [...declared].filter(([, , name]) => !existsSync(`packages/${name}`));
  writeFileSync(join(root, 'programs/not-built-yet.d.ts'), missing.map(([text]) => text).join('\n'));
  if (missing.length > 0) console.log(`declared only, not built yet: ${missing.map(([, specifier]) => specifier).join(', ')}`);
}

if (!existsSync(join(reference, 'programs'))) {
  console.log('programs: the reference is not here (SHEPHERD_REFERENCE), nothing to check');
  process.exit(0);
}
const root = mkdtempSync(join(tmpdir(), 'shepherd-programs-'));
try {
  const packages = used.filter((name) => existsSync(`packages/${name}`));
  installPacked(root, packages, ['@types/node', 'undici-types', 'vitest', 'typescript', 'zod']);
  mkdirSync(join(root, 'programs'));
  for (const file of programs) cpSync(join(reference, 'programs', file), join(root, 'programs', file));
  declareMissing(root);
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['programs'] }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  part('they compile as they should', process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: root });
  // How long a test takes says something of the machine; the default of vitest would make it a failure.
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', '--testTimeout=120000', '--maxWorkers=1'];
  part('their tests pass', process.execPath, vitest, { cwd: root });
  part('the deploy script runs', process.execPath, [resolve('scripts/programs/deploy-script.mjs'), root, join(root, 'programs/1-deploy-script.ts')]);
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(failed.length === 0 ? `programs ${programs.join(', ')}: all is well` : `programs: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
