import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where a package of the workspace finds a dependency. */
const installed = (from, name) => [join(from, 'node_modules', name), resolve('node_modules', name)].find(existsSync);

function link(root, name, from) {
  const at = join(root, 'node_modules', name);
  const target = installed(from, name);
  if (existsSync(at) || target === undefined) return;
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at);
}

/**
 * A folder as a user has it: the packages as `npm pack` makes them, unpacked as npm does, with the dependencies that their manifests name and no others. What
 * comes from the registry is taken from the workspace, so that no network is needed.
 */
export function installPacked(root, packages, tools) {
  const tarballs = join(root, 'tarballs');
  mkdirSync(tarballs, { recursive: true });
  for (const name of packages) {
    const dir = `packages/${name}`;
    if (!existsSync(`${dir}/dist`)) throw new Error(`${dir} is not built: npm run build`);
    const before = new Set(readdirSync(tarballs));
    const { status, stderr } = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', tarballs], { cwd: dir, encoding: 'utf8' });
    const made = readdirSync(tarballs).find((file) => !before.has(file));
    if (status !== 0 || made === undefined) throw new Error(`npm pack of ${dir} failed: ${stderr}`);
    const at = join(root, 'node_modules/@shepherd', name);
    mkdirSync(at, { recursive: true });
    spawnSync('tar', ['-xzf', join(tarballs, made), '-C', at, '--strip-components', '1']);
    const { dependencies = {} } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) link(root, dependency, resolve(dir));
  }
  for (const tool of tools) link(root, tool, resolve('.'));
}
