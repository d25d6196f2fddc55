import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createSandbox, type KubeObject, type Sandbox, type SandboxLoad } from '@shepherd/sandbox';

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const guide = here('../../../examples/guide');

/** Every command of the deployment guide that calls one of its scripts, as it stands there. */
export const guideLines: readonly string[] = readFileSync(here('lines.txt'), 'utf8').trimEnd().split('\n\n');

/** As the guide writes these words; it has some in two ways. @throws Error where it has not */
export function guideLine(words: string, way: 'first' | 'last' = 'first'): string {
  const found = guideLines.filter((line) => flat(line) === words);
  const line = way === 'first' ? found[0] : found.at(-1);
  if (line === undefined) throw new Error(`the guide has no line like this: ${words}`);
  return line;
}

/** Without comments and line breaks. */
export const flat = (line: string): string =>
  line
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/ # .*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Fast enough for hours, slow enough for processes that start. */
export const speed = 20;

const works = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
/** Why the guide cannot be played here; undefined: it can. */
export const whyNot =
  works('helm', 'version') && works('python3', '-c', 'import pty') && works('bash', '--version') ? undefined : 'needs helm, python3 and bash';

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

export interface GuideLab extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly load: SandboxLoad;
  /** Runs a line of the guide in the project's folder. With answers there is a terminal; without, neither that nor anything on stdin. */
  line(text: string, answers?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Virtual time on the sandbox at which something first held, from now on. */
  when(kind: string, name: string, holds: (object: KubeObject) => boolean): Promise<number>;
  get(kind: string, name: string, namespace?: string): Live;
  history(): Promise<readonly { readonly revision: number; readonly status: string; readonly description: string }[]>;
}

export interface Live {
  readonly spec: {
    readonly replicas: number;
    readonly selector: Readonly<Record<string, string>>;
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
}

/** The guide's project on a cluster of its own, with `revisions` revisions of its chart in production, under load. */
export async function openGuide(revisions: number): Promise<GuideLab> {
  const sandbox = await createSandbox({ time: 'real', speed, anyImage: { drainMs: 2_000 } });
  const home = await mkdtemp(join(tmpdir(), 'shepherd-guide-'));
  const project = join(home, 'project');
  for (const name of ['scripts', 'helm', 'shepherd.config.mjs']) await cp(join(guide, name), join(project, name), { recursive: true });
  const config = join(project, 'shepherd.config.mjs');
  // The sandbox's Prometheus, which has as much real time to answer as another.
  const prometheus = JSON.stringify({ url: sandbox.prometheus.url, timeout: 10 * speed });
  await writeFile(config, (await readFile(config, 'utf8')).replace("'http://prometheus:9090'", prometheus));
  await writeFile(join(project, 'custom-values.yaml'), 'config:\n  LOG_LEVEL: trace\n');
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.connection.kubeconfig, { mode: 0o600 });
  const bin = join(home, 'bin');
  await mkdir(bin);
  const version = 'data:text/javascript,globalThis.__PACKAGE_VERSION__="0.0.0-test"';
  const node = `"${process.execPath}" --conditions=@shepherd/source --import "${import.meta.resolve('tsx')}" --import '${version}'`;
  await writeFile(join(bin, 'shepherd'), `#!/bin/sh\nexec ${node} "${here('shepherd-bin.ts')}" "$@"\n`);
  await chmod(join(bin, 'shepherd'), 0o755);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env['PATH']}`,
    KUBECONFIG: kubeconfig,
    SANDBOX_SPEED: String(speed),
    TERM: 'xterm',
    COLUMNS: '120',
    CI: '',
  };
  for (const name of ['staging', 'production']) {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await fetch(`${sandbox.url}/api/v1/namespaces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
  const byHelm = async (...args: readonly string[]): Promise<string> =>
    (await run('helm', [...args, '--namespace=production', `--kubeconfig=${kubeconfig}`], { env })).stdout;
  const chart = join(project, 'helm/shepherd');
  for (let revision = 1; revision <= revisions; revision += 1)
    await byHelm('upgrade', '--install', 'shepherd', chart, `--values=${chart}/values-prod.yaml`, `--set=image.tag=1.${revision}.9`, '--wait', '--timeout=60s');
  const load = sandbox.load('production/shepherd', { rate: 40 });
  return {
    sandbox,
    load,
    async line(text, answers) {
      const command = ['bash', '-c', text] as const;
      const [program, ...args] = answers === undefined ? command : ['python3', here('terminal.py'), ...command];
      const child = spawn(program as string, args, { cwd: project, env, stdio: [answers === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
      child.stdin?.end(
        Object.entries(answers ?? {})
          .map((each) => each.join('\t'))
          .join('\n'),
      );
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (data: string) => (output += data));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, output };
    },
    when: (kind, name, holds) =>
      new Promise((resolve) => {
        const stop = sandbox.objects.watch(kind, () => {
          const found = sandbox.objects.get(kind, 'production', name);
          if (found === undefined || !holds(found)) return;
          resolve(sandbox.elapsedMs);
          queueMicrotask(() => stop());
        });
      }),
    get: (kind, name, namespace = 'production') => sandbox.objects.get(kind, namespace, name) as unknown as Live,
    history: async () => JSON.parse(await byHelm('history', 'shepherd', '-o', 'json')),
    async [Symbol.asyncDispose]() {
      await load.stop();
      await sandbox[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
