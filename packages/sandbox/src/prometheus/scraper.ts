import type { KubeObject, Objects } from '../api/objects.js';
import type { Network } from '../pods/network.js';
import type { Scheduler } from '../scheduler.js';
import { parseExposition, parseSeries } from './exposition.js';
import type { Labels, Series, SeriesStore } from './series-store.js';

export interface ScraperParts {
  readonly objects: Objects;
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly store: SeriesStore;
  readonly intervalMs: number;
  /** By the clock of Prometheus. */
  readonly nowMs: () => number;
  /** It scrapes nothing now. */
  readonly stands: () => boolean;
  /** Plays the traffic that was due until now. */
  settle(): void;
}

interface Target {
  readonly address: string;
  readonly labels: Labels;
}

/** What a target said last, and which series its lines are: they are the same at each scrape. */
interface Known {
  live: ReadonlySet<Series>;
  readonly byLine: Map<string, Series>;
}

/** A target for each declared port of each running pod, as `kubernetes_sd_configs` with role pod finds them. */
function targetsOf(pod: KubeObject): readonly Target[] {
  const ip: string | undefined = pod.status?.podIP;
  if (ip === undefined || pod.status?.phase !== 'Running') return [];
  const containers: readonly { readonly name: string; readonly ports?: readonly { readonly containerPort: number }[] }[] = pod.spec.containers;
  const { namespace = '', name } = pod.metadata;
  return containers.flatMap((container) =>
    (container.ports ?? []).map(({ containerPort }) => {
      const address = `${ip}:${containerPort}`;
      return { address, labels: { job: 'kubernetes-pods', instance: address, namespace, pod: name, container: container.name } };
    }),
  );
}

/**
 * Reads `/metrics` of all pods at an interval and keeps what they say, with the staleness rules of Prometheus: a series that is not in a scrape, or whose
 * target fails or goes, ends there. All targets are read at the same instant.
 */
export class Scraper {
  readonly #parts: ScraperParts;
  readonly #known = new Map<string, Known>();
  #cancel: () => void = () => undefined;
  #running = false;

  constructor(parts: ScraperParts) {
    this.#parts = parts;
  }

  /** Scrapes now and from now on; again, it does nothing. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#tick();
  }

  close(): void {
    this.#running = false;
    this.#cancel();
  }

  #tick(): void {
    const { scheduler, intervalMs, stands } = this.#parts;
    if (!stands()) this.#scrapeAll();
    this.#cancel = scheduler.after(intervalMs, () => this.#tick());
  }

  #scrapeAll(): void {
    const { objects, nowMs, settle } = this.#parts;
    settle();
    const atMs = nowMs();
    const targets = objects.list('pods').flatMap(targetsOf);
    const keys = new Set(targets.map(({ labels }) => keyOf(labels)));
    for (const [key, known] of this.#known) {
      if (keys.has(key)) continue;
      this.#end(known.live, new Set(), atMs);
      this.#known.delete(key);
    }
    for (const target of targets) this.#scrape(target, atMs);
  }

  #scrape(target: Target, atMs: number): void {
    const process = this.#parts.network.find(target.address);
    if (process === undefined) return this.#take(target, undefined, atMs);
    process.receive({ method: 'GET', path: '/metrics' }, (reply) => this.#take(target, reply?.status === 200 ? reply.body : undefined, atMs));
  }

  #take({ labels }: Target, text: string | undefined, atMs: number): void {
    const { store } = this.#parts;
    const key = keyOf(labels);
    const known: Known = this.#known.get(key) ?? { live: new Set(), byLine: new Map() };
    this.#known.set(key, known);
    const { seen, up } = this.#read(known, labels, text, atMs);
    seen.add(store.append({ __name__: 'up', ...labels }, atMs, up ? 1 : 0));
    this.#end(known.live, seen, atMs);
    known.live = seen;
  }

  /** Stores what a target says; a target that says nonsense is down, as one that says nothing. */
  #read({ byLine }: Known, labels: Labels, text: string | undefined, atMs: number): { readonly seen: Set<Series>; readonly up: boolean } {
    if (text === undefined) return { seen: new Set(), up: false };
    try {
      const samples = parseExposition(text).map(({ series: line, value }) => {
        const series = byLine.get(line) ?? this.#parts.store.series(rename(parseSeries(line), labels));
        byLine.set(line, series);
        return { series, value };
      });
      for (const { series, value } of samples) this.#parts.store.add(series, atMs, value);
      return { seen: new Set(samples.map(({ series }) => series)), up: true };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { seen: new Set(), up: false };
    }
  }

  /** Series that were there before and are not now end. */
  #end(before: ReadonlySet<Series>, now: ReadonlySet<Series>, atMs: number): void {
    for (const series of before) if (!now.has(series)) this.#parts.store.end(series, atMs);
  }
}

const keyOf = ({ namespace, pod, instance }: Labels): string => `${namespace}/${pod}/${instance}`;

/** A target's own labels give way to those it is known by. */
function rename(own: Labels, target: Labels): Labels {
  const clash = Object.keys(own).some((label) => label in target);
  if (!clash) return { ...own, ...target };
  const moved = Object.entries(own).map(([label, value]) => [label in target ? `exported_${label}` : label, value] as const);
  return { ...Object.fromEntries(moved), ...target };
}
