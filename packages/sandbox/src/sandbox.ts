import { type Clock, type Duration, parseAppRef, systemClock, type Transport, toMs } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { createApiServer } from './api/api-server.js';
import { createObjects } from './api/create-objects.js';
import type { Fault, FaultMatch } from './api/faults/fault.js';
import type { Objects } from './api/objects.js';
import { Cluster } from './cluster.js';
import type { Usage } from './controllers/autoscaler/usage-book.js';
import { type AppSpec, install } from './install.js';
import type { Death, PodChoice } from './kill.js';
import { openLoop } from './load/index.js';
import type { Behaviour } from './pods/behaviour.js';
import type { NodeSize } from './pods/node.js';
import type { MetricsFault } from './prometheus/metrics-fault.js';
import { ScaledClock } from './scaled-clock.js';
import type { LoadCounts } from './services/memory-load.js';
import { SkewedClock } from './skewed-clock.js';

/** What the cluster is like. */
export interface SandboxOptions {
  /** `virtual`: time jumps to whatever is next, and pods are functions; needs everything in this process. `real`: pods are servers on loopback. @default 'virtual' */
  readonly time?: 'virtual' | 'real' | undefined;
  /** How much faster than the machine's its time runs, where that is real: other processes take part with a `ScaledClock` of the same speed. @default 1 */
  readonly speed?: number | undefined;
  /** How many, 1 to 10: `node-1`, `node-2`. Pods are spread over those that fit. @default 1 */
  readonly nodes?: number | undefined;
  /** Of each node. */
  readonly node?: NodeSize | undefined;
  /** How long Services take to obey a change of their endpoints. @default 100 */
  readonly proxyDelayMs?: number | undefined;
  /** Of everything that chance decides in the traffic. @default 1 */
  readonly seed?: number | undefined;
  /** How images behave that were not registered with `image`. @default they cannot be pulled */
  readonly anyImage?: Behaviour | undefined;
  /** How often Prometheus reads `/metrics` of all pods. @default '15s' */
  readonly scrapeInterval?: Duration | undefined;
}

/** Traffic that runs. */
export interface SandboxLoad {
  /** Requests ended so far. */
  soFar(): { readonly requests: number; readonly failed: number };
  /** Sends nothing more, waits for what is under way. */
  stop(): Promise<LoadCounts>;
}

/** The reading half of what controllers see. */
export type SandboxView = Pick<Objects, 'get' | 'list' | 'watch'>;

/** A machine of the cluster. */
export interface SandboxNode {
  readonly name: string;
  /**
   * It loses its power. Its pods refuse connections from now on, and what is under way is reset; nobody is told. The cluster finds out when heartbeats (every
   * 10 s) have been missing for 50 s: the node's Ready is Unknown, its pods are not ready and leave their Services. When their toleration is used up (300 s by
   * default) they are deleted and replaced; they stay Terminating until the node is back.
   */
  fail(): void;
  /** It starts again, and what still belongs on it: containers as restarts after exit code 255, pods with new addresses. */
  recover(): void;
}

/** A cluster in this process. Spread `connection` into `kubernetes()`, `prometheus` into `prometheus()`: the real adapters, one clock for all. */
export interface Sandbox extends AsyncDisposable {
  /** `transport` calls the API server in memory. */
  readonly connection: { readonly kubeconfig: string; readonly clock: Clock; readonly transport: Transport };
  /**
   * A Prometheus that reads `/metrics` of all pods from the first use of this property on; it knows the queries that Shepherd sends. In real time it is on
   * 127.0.0.1, in virtual time `transport` calls it in memory.
   */
  readonly prometheus: { readonly url: string; readonly transport?: Transport | undefined };
  /** The API server over HTTP on 127.0.0.1, in real time alone. `connection.kubeconfig` names it. */
  readonly url: string | undefined;
  /** Registers an image; pods that start from now on behave like this. Others are as `anyImage` says. */
  image(name: string, behaviour?: Behaviour): void;
  /**
   * What the pods of an app use from now on, for HorizontalPodAutoscalers; `undefined` takes it back. The app is every pod that its Deployment selects. While no
   * app has any, the cluster has no metrics server: bounds hold, nothing else scales. @throws RangeError for what is no quantity or names no app
   */
  usage(app: string, usage: Usage | undefined): void;
  /** A Deployment and a Service, ready when it resolves. @throws Error after a minute, with what holds the pods */
  install(app: AppSpec): Promise<void>;
  /** Open loop through the Service of this name (`web`, `shop/web`); each request is counted. @throws RangeError for a Service that is not there */
  load(app: string, options: { readonly rate: number; readonly keepAlive?: boolean | undefined }): SandboxLoad;
  /** Where a Service takes connections, by the name of its port: `http://127.0.0.1:PORT`. Empty in virtual time. */
  addresses(service: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Requests to the API server that match fare like this, over HTTP and in memory. @returns takes it back
   * @throws RangeError for a match or a fault that means nothing
   */
  fault(match: FaultMatch, fault: Fault): () => void;
  /** Prometheus fares like this, one fault at a time. @returns takes it back */
  metricsFault(fault: MetricsFault): () => void;
  /**
   * A program ends at once, without a word to it; its container is restarted by its policy, with CrashLoopBackOff counting as after any end. One pod
   * (`shop/web-5c4f-x2x7p`), or some of an app. @returns the names of the pods @throws RangeError where no such program runs
   */
  kill(pods: string | PodChoice, death?: Death): readonly string[];
  /** @throws RangeError for a node that is not there */
  node(name: string): SandboxNode;
  /** The API server forgets the past: pages and watches that go on from before are answered 410. */
  compact(): void;
  /** Expires the token of `connection.kubeconfig`: it is answered 401 from now on, and `connection.kubeconfig` names the new one. @returns the new one */
  rotateToken(): string;
  /**
   * The wall clock of the cluster runs ahead of `connection.clock` by so many ms from now on, behind it where negative. Both run equally fast.
   * @throws RangeError for what is no number
   */
  skew(ms: number): void;
  /**
   * What the cluster holds now, seen past the API: no request, no fault, nothing stale. `watch` hears of each change right after it was stored, so that a
   * test can hold a rule at every moment. Answers are frozen. `resource` is the plural with its group: `pods`, `deployments.apps`.
   */
  readonly objects: SandboxView;
  /** API writes of clients so far. */
  readonly writes: number;
  /** Time passed on the sandbox's clock. */
  readonly elapsedMs: number;
}

/** @throws RangeError where the text names no app */
function placeOf(app: string): { namespace: string; name: string } {
  const parts = parseAppRef(app);
  if (parts === undefined) throw new RangeError(`not the name of an app [app=${app}]`);
  return { namespace: parts.namespace ?? 'default', name: parts.name };
}

/** A cluster in this process, empty. Dispose of it: nothing is left then. */
export async function createSandbox({ time = 'virtual', speed = 1, scrapeInterval = '15s', ...options }: SandboxOptions = {}): Promise<Sandbox> {
  const virtual = time === 'virtual' ? new VirtualClock({ auto: true }) : undefined;
  const clock = virtual ?? (speed === 1 ? systemClock : new ScaledClock(systemClock, { speed }));
  const clusterClock = new SkewedClock(clock);
  const objects = createObjects({ clock: clusterClock });
  const cluster = new Cluster({ ...options, objects, clock: clusterClock, sockets: virtual === undefined, scrapeIntervalMs: toMs(scrapeInterval) });
  const server = createApiServer({ objects, node: cluster.nodePort, clock: clusterClock, seed: options.seed });
  const listening = virtual === undefined ? await server.listen() : undefined;
  const metrics = virtual === undefined ? await cluster.prometheus.listen() : undefined;
  const startedMs = clock.monotonicMs();
  const running = new Set<SandboxLoad>();
  const portNameOf = (namespace: string, name: string): string => {
    const service = objects.get('services', namespace, name);
    if (service === undefined) throw new RangeError(`there is no Service ${namespace}/${name} to send requests to`);
    return service.spec.ports?.[0]?.name ?? '';
  };
  const addresses = async (app: string): Promise<Readonly<Record<string, string>>> => {
    const { namespace, name } = placeOf(app);
    const ports = Object.entries((await cluster.proxies?.ports(namespace, name)) ?? {});
    return Object.fromEntries(ports.map(([port, number]) => [port, `http://127.0.0.1:${number}`]));
  };
  return {
    connection: {
      get kubeconfig() {
        return server.kubeconfigFor(listening?.url ?? 'http://sandbox.invalid');
      },
      clock,
      transport: Object.assign((request: Request) => server.handle(request), { plain: server.answer }),
    },
    get prometheus() {
      cluster.prometheus.start();
      return metrics === undefined ? { url: 'http://prometheus.invalid', transport: cluster.prometheus.transport } : { url: metrics.url };
    },
    url: listening?.url,
    image: (name, behaviour = {}) => cluster.images.set(name, behaviour),
    usage(app, usage) {
      const { namespace, name } = placeOf(app);
      cluster.usage.set(namespace, name, usage);
    },
    install: (app) => install(app, { objects, cluster, clock }),
    load(app, { rate, keepAlive = false }) {
      const { namespace, name } = placeOf(app);
      const portName = portNameOf(namespace, name);
      if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError(`a load's rate must be above 0 [rate=${rate}]`);
      const load =
        virtual === undefined
          ? socketLoad(addresses(app), portName, { rate, keepAlive, imageOf: (pod) => cluster.imageOf(pod) })
          : cluster.memoryLoad(namespace, name, portName, { rate, keepAlive });
      running.add(load);
      return load;
    },
    addresses,
    fault: (match, fault) => server.fault(match, fault),
    metricsFault: (fault) => cluster.prometheus.fault(fault),
    kill(pods, death = {}) {
      const { namespace, name } = placeOf(typeof pods === 'string' ? pods : pods.app);
      const pod = typeof pods === 'string' ? objects.get('pods', namespace, name) : undefined;
      const killed = cluster.kill(typeof pods === 'string' ? (pod === undefined ? [] : [pod]) : cluster.pickPods(namespace, name, pods), death);
      if (killed.length === 0) throw new RangeError(`nothing runs there that could be killed [pods=${JSON.stringify(pods)}]`);
      return killed;
    },
    node(name) {
      cluster.requireNode(name);
      return { name, fail: () => cluster.failNode(name), recover: () => cluster.recoverNode(name) };
    },
    compact: () => server.compact(),
    rotateToken: () => server.rotateToken(),
    skew: (ms) => clusterClock.skew(ms),
    objects: { get: objects.get, list: objects.list, watch: objects.watch },
    get writes() {
      return server.writes.total;
    },
    get elapsedMs() {
      return clock.monotonicMs() - startedMs;
    },
    async [Symbol.asyncDispose]() {
      if (virtual === undefined) await Promise.all([...running].map((load) => load.stop()));
      server.close();
      await Promise.all([listening?.close(), metrics?.close()]);
      await cluster.close();
      virtual?.[Symbol.dispose]();
    },
  };
}

/** The client with sockets, with counts by image. Starts as soon as the proxy's port is known. */
function socketLoad(
  addresses: Promise<Readonly<Record<string, string>>>,
  portName: string,
  options: { rate: number; keepAlive: boolean; imageOf: (pod: string) => string | undefined },
): SandboxLoad {
  const { imageOf, ...rest } = options;
  let load: ReturnType<typeof openLoop> | undefined;
  const starting = addresses.then((found) => {
    load = openLoop({ ...rest, url: found[portName] ?? '' });
    return load;
  });
  return {
    soFar: () => load?.soFar() ?? { requests: 0, failed: 0 },
    async stop() {
      const { requests, failed, answers } = await (await starting).stop();
      const byImage: Record<string, number> = {};
      for (const { pod } of answers) {
        const image = pod === undefined ? undefined : imageOf(pod);
        if (image !== undefined) byImage[image] = (byImage[image] ?? 0) + 1;
      }
      return { requests, failed, byImage };
    },
  };
}
