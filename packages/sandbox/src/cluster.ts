import type { Clock } from '@shepherd/core';
import type { KubeObject, NodePort, Objects } from './api/objects.js';
import { AutoscalerController } from './controllers/autoscaler/autoscaler-controller.js';
import { UsageBook } from './controllers/autoscaler/usage-book.js';
import { DeploymentController } from './controllers/deployment/deployment-controller.js';
import { DisruptionController } from './controllers/disruption/disruption-controller.js';
import { EndpointSliceController } from './controllers/endpoint-slice-controller.js';
import { GarbageCollector } from './controllers/garbage-collector.js';
import { JobController } from './controllers/job/job-controller.js';
import { NamespaceController } from './controllers/namespace-controller.js';
import { NodeController } from './controllers/node/node-controller.js';
import { TaintController } from './controllers/node/taint-controller.js';
import { QuotaController } from './controllers/quota-controller.js';
import { ReplicaSetController } from './controllers/replica-set/replica-set-controller.js';
import { type Death, killIn, pick, podsOf } from './kill.js';
import type { Behaviour } from './pods/behaviour.js';
import { ImageRegistry } from './pods/image-registry.js';
import { MemoryNetwork, type Network, SocketNetwork } from './pods/network.js';
import { Node, type NodeSize } from './pods/node.js';
import { Nodes } from './pods/nodes.js';
import { PodScheduler } from './pods/pod-scheduler.js';
import { Prometheus } from './prometheus/prometheus.js';
import { seededRandom } from './random.js';
import { Scheduler } from './scheduler.js';
import { MemoryLoad } from './services/memory-load.js';
import { createNodePort } from './services/node-port.js';
import { ServiceProxies } from './services/service-proxies.js';
import { ServiceTable } from './services/service-table.js';

export interface ClusterOptions {
  readonly objects: Objects;
  readonly clock: Clock;
  /** Pods and Services are sockets on loopback instead of functions. */
  readonly sockets: boolean;
  /** How many, each of the size `node`. @default 1 */
  readonly nodes?: number | undefined;
  readonly node?: NodeSize | undefined;
  /** How long Services take to obey an EndpointSlice. @default 100 */
  readonly proxyDelayMs?: number | undefined;
  /** Which pods connections go to, and which requests fail by `errorRate`, follow from this number. @default 1 */
  readonly seed?: number | undefined;
  /** How images behave that nobody registered. */
  readonly anyImage?: Behaviour | undefined;
  /** How often the Prometheus of the cluster reads its pods. @default 15000 */
  readonly scrapeIntervalMs?: number | undefined;
}

/** Each has a network of its own below 10.244.0.0 to 10.253.0.0. */
const mostNodes = 10;

/** Everything of a cluster that lives: controllers, nodes with their pods, Services. Its only view of the API server is `Objects`. */
export class Cluster {
  readonly images: ImageRegistry;
  /** What pods use, as autoscalers see it. */
  readonly usage: UsageBook;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly table: ServiceTable;
  readonly nodePort: NodePort;
  readonly proxies: ServiceProxies | undefined;
  readonly prometheus: Prometheus;
  readonly #nodes: Nodes;
  readonly #nodeController: NodeController;
  readonly #objects: Objects;
  readonly #random: () => number;
  readonly #loads = new Set<MemoryLoad>();
  readonly #parts: readonly { close(): void }[];

  constructor({ objects, clock, sockets, nodes: count = 1, node: size, proxyDelayMs = 100, seed, anyImage, scrapeIntervalMs }: ClusterOptions) {
    if (!(Number.isInteger(count) && count >= 1 && count <= mostNodes)) throw new RangeError(`a sandbox has 1 to ${mostNodes} nodes [nodes=${count}]`);
    this.images = new ImageRegistry(anyImage);
    const scheduler = new Scheduler(clock);
    const random = seededRandom(seed);
    const settle = (): void => {
      for (const load of this.#loads) load.settle();
    };
    this.scheduler = scheduler;
    this.#objects = objects;
    this.#random = random;
    this.usage = new UsageBook(objects);
    this.network = sockets ? new SocketNetwork() : new MemoryNetwork();
    this.table = new ServiceTable(objects, scheduler, { delayMs: proxyDelayMs, settle, random });
    this.proxies = sockets ? new ServiceProxies(objects, this.table, this.network) : undefined;
    const host = { scheduler, random, network: this.network, settle };
    const nodes = new Nodes(Array.from({ length: count }, (_, index) => new Node(objects, host, this.images, size, index + 1)));
    this.#nodes = nodes;
    this.#nodeController = new NodeController(objects, scheduler, (name) => nodes.silentSinceMs(name));
    this.nodePort = createNodePort({ nodes, network: this.network, table: this.table, settle });
    this.prometheus = new Prometheus({ objects, network: this.network, scheduler, settle, intervalMs: scrapeIntervalMs });
    this.#parts = [
      new GarbageCollector(objects, scheduler),
      new NamespaceController(objects, scheduler),
      new DeploymentController(objects, scheduler),
      new ReplicaSetController(objects, scheduler),
      new JobController(objects, scheduler),
      new EndpointSliceController(objects, scheduler),
      new QuotaController(objects, scheduler),
      new DisruptionController(objects, scheduler),
      new AutoscalerController(objects, scheduler, this.usage),
      this.#nodeController,
      new TaintController(objects, scheduler),
      new PodScheduler(objects, scheduler),
      this.prometheus,
      this.table,
      nodes,
    ];
  }

  /** A load in memory, on the clock of the cluster. */
  memoryLoad(namespace: string, service: string, portName: string, options: { rate: number; keepAlive: boolean }): MemoryLoad {
    const { scheduler, network, table } = this;
    const load = new MemoryLoad({ ...options, scheduler, network, pick: () => table.pick(namespace, service, portName) });
    this.#loads.add(load);
    return load;
  }

  /** The image that a pod of this name has or had. */
  imageOf(pod: string): string | undefined {
    return this.#nodes.imageOf(pod);
  }

  /** @throws RangeError for a node that is not there */
  requireNode(name: string): void {
    this.#nodes.get(name);
  }

  failNode(name: string): void {
    this.#nodes.get(name).fail();
    this.#nodeController.fellSilent(name);
  }

  recoverNode(name: string): void {
    this.#nodes.get(name).recover();
  }

  /** @returns the pods of which a program ended */
  kill(pods: readonly KubeObject[], death: Death): readonly string[] {
    return killIn(this.#nodes, pods, death);
  }

  /** Some running pods of an app, by chance. */
  pickPods(namespace: string, name: string, { image, count = 1 }: { image?: string | undefined; count?: number | undefined }): readonly KubeObject[] {
    const running = podsOf(this.#objects, { namespace, name }, image).filter((pod) => this.#nodes.find(pod)?.find(undefined)?.process !== undefined);
    return pick(running, count, this.#random);
  }

  /** Leaves no timer and no socket. */
  async close(): Promise<void> {
    for (const load of this.#loads) load.close();
    this.#loads.clear();
    for (const part of this.#parts) part.close();
    this.scheduler.close();
    await Promise.all([this.proxies?.close(), this.network.close()]);
  }
}
