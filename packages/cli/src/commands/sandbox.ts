import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { refuse } from '../flags/deploy-input.js';
import { withInterrupt } from '../interrupt.js';
import type { World } from '../world.js';

export interface SandboxFlags {
  /** Install the sample app under this name; `true`: as `web`. */
  readonly app?: string | boolean | undefined;
  readonly replicas?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Releases of the sample app to try. Any other image can be pulled and works. */
const good = ['1.0.0', '1.1.0'];
const bad = '1.2.0';
const imageOf = (app: string, version: string): string => `sandbox.test/${app}:${version}`;

/** Is removed when it is disposed of. */
interface Written extends AsyncDisposable {
  readonly path: string;
}

/** Never over a file that is there: it may be somebody's own. @throws ShepherdError ERR_INVALID_OPTIONS */
async function writeKubeconfig(text: string, asked: string | undefined, cwd: string): Promise<Written> {
  const path = asked === undefined ? join(await mkdtemp(join(tmpdir(), 'shepherd-sandbox-')), 'kubeconfig') : resolve(cwd, asked);
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as { code?: string };
    const expected = code === 'EEXIST' ? 'a file that does not exist yet' : `a file that can be written (${code ?? String(error)})`;
    refuse([{ path: '--kubeconfig', got: path, expected }]);
  }
  return { path, [Symbol.asyncDispose]: () => rm(asked === undefined ? dirname(path) : path, { recursive: asked === undefined, force: true }) };
}

function replicasOf({ replicas = '3' }: SandboxFlags): number {
  const count = Number(replicas);
  if (!/^\d+$/.test(replicas) || count < 1 || count > 100) refuse([{ path: '--replicas', got: replicas, expected: 'a number of pods, 1 to 100' }]);
  return count;
}

/** Names that Kubernetes takes for a Service. @throws ShepherdError ERR_INVALID_OPTIONS */
function appOf({ app }: SandboxFlags): string | undefined {
  if (app === undefined || app === false) return undefined;
  const name = app === true ? 'web' : app;
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) refuse([{ path: '--app', got: name, expected: 'a name of small letters, digits and dashes' }]);
  return name;
}

interface Installed {
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  readonly url: string | undefined;
}

async function installApp(sandbox: Sandbox, name: string, replicas: number): Promise<Installed> {
  for (const version of good) sandbox.image(imageOf(name, version));
  sandbox.image(imageOf(name, bad), { crash: { exitCode: 1, log: 'fatal: no DATABASE_URL' } });
  const image = imageOf(name, good[0] ?? '');
  await sandbox.install({ name, image, replicas });
  return { name, image, replicas, url: (await sandbox.addresses(name))['http'] };
}

function introduction(url: string, kubeconfig: string, prometheus: string, app: Installed | undefined): readonly string[] {
  const lines = [`a Kubernetes API in this process: ${url}`, `  export KUBECONFIG=${kubeconfig}`, `a Prometheus API over the pods' own metrics: ${prometheus}`];
  if (app === undefined) return [...lines, 'try', '  kubectl create deployment web --image=nginx --replicas=3 --port=80', '  kubectl get pods -w'];
  const release = (version: string): string => `shepherd deploy ${app.name} --image ${imageOf(app.name, version)}`;
  return [
    ...lines,
    `${app.name}: ${app.replicas} pods of ${app.image}${app.url === undefined ? '' : `, served at ${app.url}`}`,
    'try',
    '  kubectl get pods -w',
    `  ${release(good[1] ?? '')} --strategy canary --stages 25,50,100 --interval 60 --prometheus ${prometheus} --yes`,
    `  ${release(bad)} --yes      (it crashes: it is taken back)`,
  ];
}

/** A cluster in this process until Ctrl-C, for `kubectl`, `helm` and `shepherd` in another terminal. @returns 0: a signal is how it ends */
export async function sandbox(flags: SandboxFlags, { io }: World): Promise<number> {
  const name = appOf(flags);
  const replicas = replicasOf(flags);
  return withInterrupt(io, async (interrupt) => {
    await using cluster = await createSandbox({ time: 'real', anyImage: {} });
    await using file = await writeKubeconfig(cluster.connection.kubeconfig, flags.kubeconfig, io.cwd);
    const app = name === undefined ? undefined : await installApp(cluster, name, replicas);
    const url = cluster.url ?? '';
    const prometheus = cluster.prometheus.url;
    const said = flags.json
      ? [JSON.stringify({ url, kubeconfig: file.path, prometheus, app: app ?? null })]
      : [...introduction(url, file.path, prometheus, app), 'Ctrl-C ends it'];
    io.stdout.write(`${said.join('\n')}\n`);
    if (!interrupt.abortSignal.aborted) await new Promise<void>((done) => interrupt.abortSignal.addEventListener('abort', () => done(), { once: true }));
    return 0;
  });
}
