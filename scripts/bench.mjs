// `npm run bench -- NAME [--json]`: builds what the bench needs, then runs it. Progress goes to stderr, the result to stdout.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const turbo = ['--no-install', 'turbo', 'run', 'build', '--filter=@shepherd/bench', '--output-logs=errors-only'];
const build = spawnSync('npx', turbo, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
if (build.status !== 0) {
  console.error(`the build failed:\n${build.stdout}${build.stderr}`);
  process.exit(1);
}
process.argv.splice(1, 1, fileURLToPath(new URL('../bench/dist/main.js', import.meta.url)));
await import('../bench/dist/main.js');
