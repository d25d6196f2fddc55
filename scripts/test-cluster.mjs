// `npm run test:cluster`: the proofs on the cluster that KUBECONFIG names. They run on sources; nothing is built.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { whyNoCluster } = await import('../bench/src/lab/why-no-cluster.ts');
const why = whyNoCluster();
if (why !== undefined) {
  console.error(`test:cluster: ${why}`);
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const args = ['--no-install', 'vitest', 'run', '--config', 'test/cluster/vitest.config.ts', ...process.argv.slice(2)];
const child = spawn('npx', args, { cwd: root, stdio: 'inherit' });
// Ctrl-C reaches the tests by themselves; they remove their namespaces before they end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
