import { type Clock, parseAppRef, systemClock, type Transport } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { createApiServer } from './api/api-server.js';
import { createObjects } from './api/create-objects.js';
import type { Fault, FaultMatch } from './api/faults.js';
import { Cluster } from './cluster.js';
import { type AppSpec, install } from './install.js';
import { openLoop } from './load/index.js';
import type { Behaviour } from './pods/behaviour.js';
import type { NodeSize } from './pods/node.js';
import type { LoadCounts } from './services/memory-load.js';

export interface SandboxOptions {
  /** `virtual`: time jumps to whatever is next, and pods are functions; needs everything in this process. `real`: pods are servers on loopback. @default 'virtual' */
  readonly time?: 'virtual' | 'real' | undefined;
  readonly node?: NodeSize | undefined;
  /** How long Services take to obey a change of their endpoints. @default 100 */
  readonly proxyDelayMs?: number | undefined;
  /** Of everything that chance decides in the traffic. @default 1 */
  readonly seed?: number | undefined;
}

/** Traffic that runs. */
export interface SandboxLoad {
  /** Requests ended so far. */
  soFar(): { readonly requests: number; readonly failed: number };
  /** Sends nothing more, waits for what is under way. */
  stop(): Promise<LoadCounts>;
}

/** A cluster in this process. Spread `connection` into `kubernetes()`: the real adapter, one clock for all. */
export interface Sandbox extends AsyncDisposable {
  /** `transport` calls the API server in memory. */
  readonly connection: { readonly kubeconfig: string; readonly clock: Clock; readonly transport: Transport };
  /** The API server over HTTP on 127.0.0.1, in real time alone. `connection.kubeconfig` names it. */
  readonly url: string | undefined;
  /** Registers an image; pods that start from now on behave like this. An image that is not registered cannot be pulled. */
  image(name: string, behaviour?: Behaviour): void;
  /** A Deployment and a Service, ready when it resolves. @throws Error after a minute, with what holds the pods */
  install(app: AppSpec): Promise<void>;
  /** Open loop through the Service of this name (`web`, `shop/web`); each request is counted. @throws RangeError for a Service that is not there */
  load(app: string, options: { readonly rate: number; readonly keepAlive?: boolean | undefined }): SandboxLoad;
  /** Where a Service takes connections, by the name of its port: `http://127.0.0.1:PORT`. Empty in virtual time. */
  addresses(service: string): Promise<Readonly<Record<string, string>>>;
  /** Requests to the API server that match fail like this. @returns takes it back */
  fault(match: FaultMatch, fault: Fault): () => void;
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
export async function createSandbox({ time = 'virtual', ...options }: SandboxOptions = {}): Promise<Sandbox> {
  const virtual = time === 'virtual' ? new VirtualClock({ auto: true }) : undefined;
  const clock = virtual ?? systemClock;
  const objects = createObjects({ clock });
  const cluster = new Cluster({ ...options, objects, clock, sockets: virtual === undefined });
  const server = createApiServer({ objects, node: cluster.nodePort, clock });
  const listening = virtual === undefined ? await server.listen() : undefined;
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
      kubeconfig: server.kubeconfigFor(listening?.url ?? 'http://sandbox.invalid'),
      clock,
      transport: (request) => server.handle(request),
    },
    url: listening?.url,
    image: (name, behaviour = {}) => cluster.images.set(name, behaviour),
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
    get writes() {
      return server.writes.total;
    },
    get elapsedMs() {
      return clock.monotonicMs() - startedMs;
    },
    async [Symbol.asyncDispose]() {
      if (virtual === undefined) await Promise.all([...running].map((load) => load.stop()));
      await listening?.close();
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
