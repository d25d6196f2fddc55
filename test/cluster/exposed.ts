import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScrapeConfig } from '../../bench/src/lab/index.js';

export type Labels = Readonly<Record<string, string>>;

/** One process that is scraped: its own labels for Prometheus, and what it says at its `scrape`th scrape. */
export interface Exposed {
  readonly labels: Labels;
  /** Text, or protobuf, which alone carries native histograms. */
  readonly metrics: (scrape: number) => string | Uint8Array;
}

const protobuf = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

/** Serves what processes expose, each under a path of its own; `jobs` is how Prometheus finds them. */
export async function expose(targets: readonly Exposed[]) {
  const scrapes = targets.map(() => 0);
  const server = createServer((request, response) => {
    const index = Number((request.url ?? '').slice(1));
    const target = targets[index];
    if (target === undefined) return void response.writeHead(404).end();
    const body = target.metrics(scrapes[index] ?? 0);
    scrapes[index] = (scrapes[index] ?? 0) + 1;
    response.writeHead(200, { 'content-type': typeof body === 'string' ? 'text/plain; version=0.0.4' : protobuf }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const jobs: readonly ScrapeConfig[] = targets.map(({ labels: { job = 'pods', ...labels } }, index) => ({
    job_name: `target-${index}`,
    metrics_path: `/${index}`,
    static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { ...labels, job } }],
  }));
  return {
    jobs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]);
const zigzag = (value: number): number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);
const field = (number: number, bytes: readonly number[]): number[] => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
const number = (at: number, bytes: readonly number[]): number[] => [...varint(at * 8), ...bytes];
const double = (at: number, value: number): number[] => [...varint(at * 8 + 1), ...new Uint8Array(new Float64Array([value]).buffer)];
const text = (at: number, value: string): number[] => field(at, [...new TextEncoder().encode(value)]);

/** A family of one metric in Prometheus' protobuf; `value`: its field of the message Metric. */
function family(name: string, type: number, series: readonly (readonly [Labels, readonly number[]])[]): number[] {
  const metrics = series.flatMap(([labels, value]) => {
    const pairs = Object.entries(labels).flatMap(([label, each]) => field(1, [...text(1, label), ...text(2, each)]));
    return field(4, [...pairs, ...value]);
  });
  const message = [...text(1, name), ...number(3, [type]), ...metrics];
  return [...varint(message.length), ...message];
}

export const counterFamily = (name: string, series: readonly (readonly [Labels, number])[]): number[] =>
  family(
    name,
    0,
    series.map(([labels, value]) => [labels, field(3, double(1, value))]),
  );

/** A native histogram of schema 3 with two buckets: `fast` observations in (0.4585, 0.5] s and `slow` ones in (0.6484, 0.7071] s. */
export function nativeFamily(name: string, { fast, slow }: { readonly fast: number; readonly slow: number }): number[] {
  const span = (offset: number): number[] => field(12, [...number(1, zigzag(offset)), ...number(2, varint(1))]);
  const delta = (value: number): number[] => number(13, zigzag(value));
  const sum = fast * 0.5 + slow * 0.7;
  const value = [...number(1, varint(fast + slow)), ...double(2, sum), ...number(5, zigzag(3)), ...double(6, 1e-9), ...number(7, [0])];
  return family(name, 4, [[{}, field(7, [...value, ...span(-8), ...span(3), ...delta(fast), ...delta(slow - fast)])]]);
}
