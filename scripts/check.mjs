// Everything that must hold before a commit: `npm run check`. Each part says its name, so that a failure is found at once.
import { spawnSync } from 'node:child_process';

const parts = [
  ['build, types, packed form', ['turbo', 'run', 'build', 'type-check', 'test:build', '--concurrency=100%', '--output-logs=errors-only']],
  ['root types', ['tsc', '-p', '.']],
  ['types of the laws', ['tsc', '-p', 'test/laws']],
  ['types of the cluster tests', ['tsc', '-p', 'test/cluster']],
  ["types of the guide's tests", ['tsc', '-p', 'test/guide']],
  ["types of the pages' tests", ['tsc', '-p', 'test/docs']],
  ['lint', ['oxlint']],
  ['format', ['biome', 'check', '.']],
  ['unused code and dependencies', ['knip']],
  ['packages', ['node', 'scripts/check-packages.mjs']],
  ['links', ['node', 'scripts/check-links.mjs']],
  ['code of the pages', ['node', 'scripts/check-doc-code.mjs']],
  ['API reference', ['node', 'scripts/docs.mjs', '--check']],
];
const failed = [];
for (const [name, [command, ...args]] of parts) {
  console.log(`── ${name}`);
  const { status } =
    command === 'node' ? spawnSync(process.execPath, args, { stdio: 'inherit' }) : spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit' });
  if (status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? 'check: all is well' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
