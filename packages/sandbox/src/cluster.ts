import type { Clock } from '@shepherd/core';
import type { NodePort, Objects } from './api/objects.js';
import { DeploymentController } from './controllers/deployment/deployment-controller.js';
import { EndpointSliceController } from './controllers/endpoint-slice-controller.js';
import { GarbageCollector } from './controllers/garbage-collector.js';
import { NamespaceController } from './controllers/namespace-controller.js';
import { ReplicaSetController } from './controllers/replica-set/replica-set-controller.js';
import { ImageRegistry } from './pods/image-registry.js';
import { MemoryNetwork, type Network, SocketNetwork } from './pods/network.js';
import { Node, type NodeSize, nodeName } from './pods/node.js';
import { PodScheduler } from './pods/pod-scheduler.js';
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
  readonly node?: NodeSize | undefined;
  /** How long Services take to obey an EndpointSlice. @default 100 */
  readonly proxyDelayMs?: number | undefined;
  /** Which pods connections go to, and which requests fail by `errorRate`, follow from this number. @default 1 */
  readonly seed?: number | undefined;
}

/** Everything of a cluster that lives: controllers, the node with its pods, Services. Its only view of the API server is `Objects`. */
export class Cluster {
  readonly images = new ImageRegistry();
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly table: ServiceTable;
  readonly nodePort: NodePort;
  readonly proxies: ServiceProxies | undefined;
  readonly #node: Node;
  readonly #loads = new Set<MemoryLoad>();
  readonly #parts: readonly { close(): void }[];

  constructor({ objects, clock, sockets, node: size, proxyDelayMs = 100, seed }: ClusterOptions) {
    const scheduler = new Scheduler(clock);
    const random = seededRandom(seed);
    const settle = (): void => {
      for (const load of this.#loads) load.settle();
    };
    this.scheduler = scheduler;
    this.network = sockets ? new SocketNetwork() : new MemoryNetwork();
    this.table = new ServiceTable(objects, scheduler, { delayMs: proxyDelayMs, settle, random });
    this.proxies = sockets ? new ServiceProxies(objects, this.table, this.network) : undefined;
    this.#node = new Node(objects, { scheduler, random, network: this.network, settle }, this.images, size);
    this.nodePort = createNodePort({ node: this.#node, network: this.network, table: this.table, settle });
    this.#parts = [
      new GarbageCollector(objects, scheduler),
      new NamespaceController(objects, scheduler),
      new DeploymentController(objects, scheduler),
      new ReplicaSetController(objects, scheduler),
      new EndpointSliceController(objects, scheduler),
      new PodScheduler(objects, scheduler, nodeName),
      this.table,
      this.#node,
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
    return this.#node.imageOf(pod);
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
