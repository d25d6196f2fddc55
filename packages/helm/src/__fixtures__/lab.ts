import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Platform, type PortContext, Shepherd, systemClock, type Transport, type WriteContext } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { type ChartRelease, helm } from '../index.js';

/** As found on PATH: helm 3 and helm 4. */
export const binaries = ['helm', 'helm4'] as const;
export const isMissing = (binary: string): boolean => spawnSync(binary, ['version'], { stdio: 'ignore' }).error !== undefined;

const run = promisify(execFile);

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: { app: {{ .Release.Name }} }
  annotations: { shepherd.dev/drains: "true" }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      terminationGracePeriodSeconds: 5
      containers:
        - name: web
          image: registry/web:{{ .Values.tag }}
          ports: [{ name: http, containerPort: 5000 }]
          readinessProbe: { httpGet: { path: /api/health, port: http }, periodSeconds: 1 }
`;
/** Its pods read the settings, and are replaced when those change. */
const reading = deployment
  .replace('metadata: { labels: { app: {{ .Release.Name }} } }\n    spec', 'metadata:\n      labels: { app: {{ .Release.Name }} }\n      annotations: { checksum/config: {{ cat .Values.motd .Values.word | sha256sum }} }\n    spec')
  .replace('          ports:', '          envFrom: [{ configMapRef: { name: {{ .Release.Name }}-config } }, { secretRef: { name: {{ .Release.Name }}-secret } }]\n          ports:');
const service = `apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec:
  selector: { app: {{ .Release.Name }} }
  ports: [{ name: http, port: 80, targetPort: http }]
`;
const config = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-config }
data: { motd: {{ .Values.motd | quote }} }
---
apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }}-secret }
stringData: { word: {{ .Values.word | quote }} }
`;
const schema = JSON.stringify({ type: 'object', properties: { replicas: { type: 'integer' }, tag: { type: 'string' } } });

/** Writes a chart; files of `more` come on top or instead. `reads`: pods read the settings. @returns its folder */
export async function makeChart(parent: string, { name = 'web', more = {}, reads = false }: { readonly name?: string; readonly more?: Readonly<Record<string, string>>; readonly reads?: boolean } = {}): Promise<string> {
  const folder = await mkdtemp(join(parent, `${name}-`));
  const files: Readonly<Record<string, string>> = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\nappVersion: "1.0.0"\nicon: https://example.test/icon.png\n`,
    'values.yaml': 'tag: 1.0.0\nreplicas: 2\nmotd: hello\nword: sesame\n',
    'values.schema.json': schema,
    'templates/deployment.yaml': reads ? reading : deployment,
    'templates/service.yaml': service,
    'templates/config.yaml': config,
    ...more,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

export interface Process {
  readonly shepherd: Shepherd<KubeRelease | ChartRelease>;
  kill(): void;
}

export interface HelmLab extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly platform: Platform<KubeRelease | ChartRelease>;
  readonly shepherd: Shepherd<KubeRelease | ChartRelease>;
  readonly home: string;
  readonly chart: string;
  readonly read: PortContext;
  write(fence: number, rolloutId?: string): WriteContext;
  /** Another process with a Shepherd: what it sends after `kill` never arrives. */
  process(): Process;
  /** Helm by hand: a person, or a pipeline. */
  byHand(...args: readonly string[]): Promise<string>;
}

/** No answer, as long as anybody waits for one; none is waited for at the end of a test. */
const lost = (...signals: readonly AbortSignal[]): Promise<never> =>
  new Promise((_, reject) => {
    const any = AbortSignal.any([...signals]);
    const give = (): void => reject(new TypeError('the process is dead'));
    if (any.aborted) give();
    else any.addEventListener('abort', give, { once: true });
  });

/** A sandbox in real time, since children know no other, and a chart of the app `web` in namespace `shop`. */
export async function openHelmLab(binary: string): Promise<HelmLab> {
  const sandbox = await createSandbox({ time: 'real' });
  for (const tag of ['1.0.0', '1.1.0', '1.2.0']) sandbox.image(`registry/web:${tag}`, { drainMs: 1_000 });
  sandbox.image('registry/web:6.6.6', { crash: { exitCode: 1, log: 'no DATABASE_URL' } });
  await fetch(`${sandbox.url}/api/v1/namespaces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }),
  });
  const home = await mkdtemp(join(tmpdir(), 'shepherd-helm-'));
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.connection.kubeconfig, { mode: 0o600 });
  const platform = helm(kubernetes({ kubeconfig, namespace: 'shop', app: { checks: standard({ quiet: '0s' }) } }), { binary });
  const shepherd = new Shepherd({ platform });
  const stop = new AbortController();
  const open: AsyncDisposable[] = [];
  const read: PortContext = { app: { cluster: 'default', namespace: 'shop', name: 'web' }, rolloutId: undefined, signal: stop.signal, clock: systemClock };
  return {
    sandbox,
    platform,
    shepherd,
    home,
    chart: await makeChart(home),
    read,
    write: (fence, rolloutId = `rollout-${fence}`) => ({ ...read, rolloutId, fence }),
    process() {
      let dead = false;
      const transport: Transport = (request) => (dead ? lost(request.signal, stop.signal) : sandbox.connection.transport(request));
      const own = helm(kubernetes({ ...sandbox.connection, transport, namespace: 'shop', app: { checks: standard({ quiet: '0s' }) } }), { binary });
      const other = new Shepherd({ platform: own });
      open.push({ [Symbol.asyncDispose]: async () => void (await other.close(), await own[Symbol.asyncDispose]?.()) });
      return { shepherd: other, kill: () => (dead = true) };
    },
    // Never spawnSync: the cluster is in this process.
    byHand: async (...args) => (await run(binary, [...args, '--namespace=shop', `--kubeconfig=${kubeconfig}`])).stdout,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(open.map((each) => each[Symbol.asyncDispose]()));
      await shepherd.close();
      await platform[Symbol.asyncDispose]?.();
      await sandbox[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}
