import type { Clock } from '@shepherd/core';
import type { Faults } from '../faults/faults.js';
import type { NodePort } from '../objects.js';
import type { Registry } from '../registry.js';
import type { ResourceInfo } from '../resources.js';
import { qualified } from '../status-error.js';
import type { Users } from './users.js';

/** What the handlers of requests share. */
export interface ServerContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly node: NodePort;
  readonly users: Users;
  readonly writes: WriteCount;
  readonly faults: Faults;
}

/** Counts the writes of clients that changed something; controllers of the sandbox are not counted. */
export class WriteCount {
  readonly #byResource = new Map<string, number>();

  get total(): number {
    return [...this.#byResource.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `deployments.apps` → 3. */
  byResource(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byResource);
  }

  /** Does a write, which is synchronous, and counts it if the version moved. */
  counted<T>(registry: Registry, info: ResourceInfo, write: () => T): T {
    const before = registry.store.version;
    const result = write();
    if (registry.store.version !== before) this.#byResource.set(qualified(info), (this.#byResource.get(qualified(info)) ?? 0) + 1);
    return result;
  }
}
