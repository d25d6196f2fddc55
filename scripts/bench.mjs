// `npm run bench -- NAME [--json]`: builds the packages that are measured, then runs the bench on them. Progress goes to stderr, the result to stdout.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { choose } = await import('../bench/src/choose.ts');
const choice = choose(process.argv.slice(2));
if (typeof choice === 'string') {
  console.error(choice);
  process.exit(2);
}
const filters = ['core', 'kube', 'helm', 'sandbox', ...(choice.entry.builds ?? [])].map((name) => `--filter=@shepherd/${name}`);
const build = spawnSync('npx', ['--no-install', 'turbo', 'run', 'build', ...filters, '--output-logs=errors-only'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: ['ignore', 'pipe', 'pipe'],
  encoding: 'utf8',
});
if (build.status !== 0) {
  console.error(`the build failed:\n${build.stdout}${build.stderr}`);
  process.exit(1);
}
const { run } = await import('../bench/src/run.ts');
process.exit(await run(choice));
