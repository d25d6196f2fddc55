import type { Objects } from '../api/objects.js';
import { keyOf } from '../controllers/work-queue.js';
import type { Network } from '../pods/network.js';
import type { ServiceTable } from './service-table.js';
import { TcpProxy } from './tcp-proxy.js';

/** Real TCP proxies, one a Service port, for as long as the Service is there. */
export class ServiceProxies {
  /** By Service, then by port name. */
  readonly #proxies = new Map<string, Map<string, Promise<TcpProxy>>>();
  readonly #stop: () => void;
  readonly #closing = new Set<Promise<void>>();

  constructor(
    readonly objects: Objects,
    readonly table: ServiceTable,
    readonly network: Network,
  ) {
    this.#stop = objects.watch('services', ({ type, object }) => {
      const { namespace = 'default', name } = object.metadata;
      const ports: readonly string[] = type === 'deleted' ? [] : (object.spec.ports ?? []).map((port: { name?: string }) => port.name ?? '');
      this.#fit(namespace, name, ports);
    });
  }

  /** The loopback ports of a Service by port name. */
  async ports(namespace: string, service: string): Promise<Readonly<Record<string, number>>> {
    const open = [...(this.#proxies.get(keyOf(namespace, service)) ?? [])];
    return Object.fromEntries(await Promise.all(open.map(async ([name, proxy]) => [name, (await proxy).port] as const)));
  }

  async close(): Promise<void> {
    this.#stop();
    for (const key of [...this.#proxies.keys()]) this.#closeAll(key, new Set());
    await Promise.all(this.#closing);
  }

  #fit(namespace: string, service: string, ports: readonly string[]): void {
    const key = keyOf(namespace, service);
    const open = this.#proxies.get(key) ?? new Map<string, Promise<TcpProxy>>();
    this.#closeAll(key, new Set(ports));
    for (const name of ports) {
      if (open.has(name)) continue;
      const proxy = new TcpProxy(() => {
        const address = this.table.pick(namespace, service, name);
        return address === undefined ? undefined : this.network.portOf(address);
      });
      open.set(
        name,
        proxy.listen().then(() => proxy),
      );
    }
    if (open.size > 0) this.#proxies.set(key, open);
    else this.#proxies.delete(key);
  }

  #closeAll(key: string, keep: ReadonlySet<string>): void {
    const open = this.#proxies.get(key);
    for (const [name, proxy] of open ?? []) {
      if (keep.has(name)) continue;
      open?.delete(name);
      const closing: Promise<void> = proxy.then((one) => one.close()).finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }
}
