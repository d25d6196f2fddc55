// `npm run test:clients`: kubectl, helm 3 and helm 4, as found on PATH, against sandboxes on loopback. What is not installed is skipped by name.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const clients = [
  ['kubectl', 'kubectl', ['version', '--client']],
  ['helm 3', 'helm', ['version', '--short']],
  ['helm 4', 'helm4', ['version', '--short']],
];
for (const [name, command, args] of clients) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  const found = status === 0 ? stdout.trim().split('\n')[0] : `not found: its tests are skipped (looked for \`${command}\` on PATH)`;
  console.log(`test:clients: ${name}: ${found}`);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const args = ['--no-install', 'vitest', 'run', '--config', 'test/clients/vitest.config.ts', ...process.argv.slice(2)];
const child = spawn('npx', args, { cwd: root, stdio: 'inherit' });
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
