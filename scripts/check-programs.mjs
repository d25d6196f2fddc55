// Type-checks the reference programs against the built packages: what users will write compiles, what must not compile does not.
// Packages that are not built yet are stood in for by their declarations in the reference API, and named in the output.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const reference = resolve('../shared/reference');
const programs = ['2-platform-service.ts', '4-extensions.ts', 'must-not-compile.ts'];
if (!existsSync(join(reference, 'programs'))) {
  console.log('programs: the reference is not here, nothing to check');
  process.exit(0);
}
const root = mkdtempSync(join(tmpdir(), 'shepherd-programs-'));
try {
  mkdirSync(join(root, 'node_modules/@shepherd'), { recursive: true });
  mkdirSync(join(root, 'programs'));
  for (const name of ['@types', 'undici-types']) symlinkSync(resolve('node_modules', name), join(root, 'node_modules', name));
  for (const file of programs) cpSync(join(reference, 'programs', file), join(root, 'programs', file));
  const declared = readFileSync(join(reference, 'api.expanded.d.ts'), 'utf8').matchAll(/declare module '(@shepherd\/([^'/]+)[^']*)' \{[\s\S]*?\n\}/g);
  const missing = [];
  const ambient = [];
  for (const [text, specifier, name] of declared) {
    if (existsSync(`packages/${name}`)) continue;
    missing.push(specifier);
    ambient.push(text);
  }
  writeFileSync(join(root, 'programs/not-built-yet.d.ts'), ambient.join('\n'));
  for (const name of ['core', 'kube', 'sandbox']) symlinkSync(resolve('packages', name), join(root, 'node_modules/@shepherd', name));
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
    preserveSymlinks: true,
  };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['programs'] }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const { status, stdout } = spawnSync('npx', ['--no-install', 'tsc', '-p', root], { encoding: 'utf8' });
  process.stdout.write(stdout.replaceAll(root, ''));
  console.log(
    `programs ${programs.join(', ')}: ${status === 0 ? 'compile as they should' : 'FAILED'}; not built yet, declared only: ${missing.join(', ') || 'none'}`,
  );
  process.exitCode = status;
} finally {
  rmSync(root, { recursive: true, force: true });
}
