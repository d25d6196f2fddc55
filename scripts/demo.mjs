// `npm run demo`: builds what the demo needs, quietly, then runs it with the arguments given.
import { spawn, spawnSync } from 'node:child_process';

if (process.stderr.isTTY) process.stderr.write('building …\r');
const build = spawnSync('npx', ['--no-install', 'turbo', 'run', 'build', '--filter=@shepherd/cli', '--output-logs=errors-only'], { encoding: 'utf8' });
if (build.status !== 0) {
  process.stderr.write(`${build.stdout ?? ''}${build.stderr ?? ''}${build.error ?? ''}\nthe build failed\n`);
  process.exit(1);
}
if (process.stderr.isTTY) process.stderr.write('\u001b[K');
const demo = spawn(process.execPath, ['packages/cli/dist/bin.js', 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// The terminal sends Ctrl-C to both; the demo decides when to end.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && demo.kill(signal));
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGTERM' ? 143 : 130);
});
