import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The guide's chart. */
export const chart = fileURLToPath(new URL('../../../examples/guide/helm/shepherd', import.meta.url));

/** Its values for the app of the test cluster, which serves on for 4 s after SIGTERM; its probe asks for what a bad health check does not change. */
export const values = {
  image: { repository: 'shepherd.test/app' },
  replicaCount: 6,
  port: 8080,
  probe: { path: '/metrics' },
  drains: true,
  config: { DRAIN_MS: '4000' },
  // None: a kubelet 1.34 without cgroups of its own panics when it looks at them (doPodResizeAction), of requests alone when such a pod is removed.
  resources: { requests: null, limits: null },
};

/** Runs helm against KUBECONFIG as a person does. @throws Error with what it said */
export async function helmByHand(binary: string, args: readonly string[]): Promise<string> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (data) => (texts[name] += data));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${binary} ${args.join(' ')} ended with ${code}: ${texts.stderr}`);
  return texts.stdout;
}
