import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiReader, KubeObject } from './api-reader.js';

/** One entry of `scrape_configs`. */
export type ScrapeConfig = Readonly<Record<string, unknown>> & { readonly job_name: string };

export interface PrometheusOptions {
  readonly scrape: readonly ScrapeConfig[];
  /** @default '1s' */
  readonly interval?: string | undefined;
  /** Evaluated at the same interval. @default none */
  readonly rules?: readonly AlertingRule[] | undefined;
}

/** One entry of a group's `rules`. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
}

/** A real Prometheus on loopback, with what it has stored until it is disposed of. */
export interface LabPrometheus extends AsyncDisposable {
  readonly url: string;
  /** Ends the process at once; what it stored stays. */
  kill(): Promise<void>;
  /** Starts it again on the same address and what was stored. */
  start(): Promise<void>;
  /** The instant vector of a query, as the API's `result`. */
  query(query: string): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value?: readonly [number, string] }[]>;
  /** Resolves when a query gives at least so many series. @throws Error after half a minute */
  until(query: string, count?: number): Promise<void>;
}

const patienceMs = 30_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The pods of a namespace for Prometheus to find: it asks each second, over HTTP, because not every build knows Kubernetes. */
export async function discoverPods(api: ApiReader, namespace: string): Promise<{ readonly scrape: ScrapeConfig } & AsyncDisposable> {
  const server = createHttpServer(async (_, response) => {
    const { items } = await api.read<{ readonly items: readonly KubeObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
    const targets = items.flatMap(({ metadata: { name: pod }, status, spec }) => {
      const port = spec.containers[0]?.ports?.[0]?.containerPort;
      return status?.phase === 'Running' && port !== undefined ? [{ targets: [`${status.podIP}:${port}`], labels: { namespace, pod } }] : [];
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(targets));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    scrape: { job_name: 'pods', http_sd_configs: [{ url, refresh_interval: '1s' }] },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Major version of the `prometheus` there is to start; undefined without one. */
export async function prometheusMajor(): Promise<number | undefined> {
  const child = spawn('prometheus', ['--version'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => said.push(text.toString('utf8')));
  return await new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    // Built without the linker's help it knows no version, and is new enough to be built that way.
    child.once('close', (code) => resolve(code === 0 ? Number(/version v?(\d+)/.exec(said.join(''))?.[1] ?? 3) : undefined));
  });
}

/** Whether there is a `prometheus` to start. */
export const hasPrometheus = async (): Promise<boolean> => (await prometheusMajor()) !== undefined;

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts `prometheus` of the PATH and waits until it answers. */
export async function startPrometheus({ scrape, interval = '1s', rules = [] }: PrometheusOptions): Promise<LabPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'lab-prometheus-'));
  const config = join(directory, 'prometheus.yml');
  const ruleFile = join(directory, 'rules.yml');
  // JSON is YAML.
  writeFileSync(ruleFile, JSON.stringify({ groups: rules.length === 0 ? [] : [{ name: 'lab', rules }] }));
  const global = { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval };
  writeFileSync(config, JSON.stringify({ global, rule_files: [ruleFile], scrape_configs: scrape }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--enable-feature=native-histograms',
    '--log.level=error',
  ];
  let child: ChildProcess | undefined;
  const endAtExit = (): void => void child?.kill('SIGKILL');
  process.once('exit', endAtExit);

  const query: LabPrometheus['query'] = async (text) => {
    const answer = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: text }) });
    const body = (await answer.json()) as { readonly data?: { readonly result: Awaited<ReturnType<LabPrometheus['query']>> }; readonly error?: string };
    if (body.data === undefined) throw new Error(`${text}: ${body.error}`);
    return body.data.result;
  };
  const lab: LabPrometheus = {
    url,
    query,
    async start() {
      const started = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      child = started;
      for (const end = performance.now() + patienceMs; ; await pause(50)) {
        const ready = await fetch(`${url}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (ready) return;
        if (started.exitCode !== null || performance.now() > end) throw new Error(`prometheus does not start [code=${started.exitCode}]`);
      }
    },
    async kill() {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
      ended.kill('SIGKILL');
      await once(ended, 'exit');
    },
    async until(text, count = 1) {
      for (const end = performance.now() + patienceMs; ; await pause(100)) {
        const { length } = await query(text).catch(() => []);
        if (length >= count) return;
        if (performance.now() > end) throw new Error(`prometheus knows ${length} of ${count} series [query=${text}]`);
      }
    },
    async [Symbol.asyncDispose]() {
      await lab.kill();
      process.off('exit', endAtExit);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await lab.start();
  return lab;
}
