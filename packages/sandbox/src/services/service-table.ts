import type { KubeObject, Objects } from '../api/objects.js';
import { type Endpoint, type EndpointPort, serviceOf } from '../controllers/endpoint-slices.js';
import { keyOf } from '../controllers/work-queue.js';
import type { Scheduler } from '../scheduler.js';

const resource = 'endpointslices.discovery.k8s.io';

type Targets = ReadonlyMap<string, readonly string[]>;

/**
 * Where connections to Services go now. Obeys an EndpointSlice only some time after it changed, like the proxy of a node: until then a pod that left still
 * gets connections.
 */
export class ServiceTable {
  readonly #obeyed = new Map<string, Targets>();
  readonly #stop: () => void;

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
    readonly options: { readonly delayMs: number; readonly settle: () => void; readonly random: () => number },
  ) {
    this.#stop = objects.watch(resource, ({ object }) => {
      const service = serviceOf(object);
      if (service === undefined) return;
      const key = keyOf(object.metadata.namespace, service);
      const slices = objects.list(resource, object.metadata.namespace).filter((slice) => serviceOf(slice) === service);
      const targets = targetsOf(slices);
      scheduler.after(options.delayMs, () => {
        options.settle();
        if (targets.size === 0) this.#obeyed.delete(key);
        else this.#obeyed.set(key, targets);
      });
    });
  }

  close(): void {
    this.#stop();
  }

  /** Addresses behind a port of a Service, as the proxy has them now. @param portName '' for the only port without a name */
  targets(namespace: string, service: string, portName: string): readonly string[] {
    return this.#obeyed.get(keyOf(namespace, service))?.get(portName) ?? [];
  }

  /** One of them by chance, for a new connection. */
  pick(namespace: string, service: string, portName: string): string | undefined {
    const targets = this.targets(namespace, service, portName);
    return targets[Math.floor(this.options.random() * targets.length)];
  }
}

/** Ready endpoints by port name; where there are none, those that end but still serve. */
export function targetsOf(slices: readonly KubeObject[]): Targets {
  const choose = (usable: (endpoint: Endpoint) => boolean): Map<string, string[]> => {
    const byPort = new Map<string, string[]>();
    for (const slice of slices) {
      for (const { name, port } of (slice.ports ?? []) as EndpointPort[]) {
        const found = ((slice.endpoints ?? []) as Endpoint[]).filter(usable).flatMap(({ addresses }) => addresses.map((address) => `${address}:${port}`));
        if (found.length > 0) byPort.set(name ?? '', [...(byPort.get(name ?? '') ?? []), ...found]);
      }
    }
    return byPort;
  };
  const ready = choose(({ conditions }) => conditions.ready !== false);
  return new Map([...choose(({ conditions }) => conditions.serving === true && conditions.terminating === true), ...ready]);
}
