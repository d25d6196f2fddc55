import { ShepherdError } from '../../errors/shepherd-error.js';
import { Changes } from '../../internal/changes.js';
import type { Clock } from '../../ports/clock.js';
import type { AppParts } from '../../words/app.js';
import { Fences } from './fences.js';
import { MemoryApp, type MemoryAppOptions } from './memory-app.js';

type Named = Required<Pick<AppParts, 'name'>> & { readonly namespace: string };

/** A command in a mailbox; two of the same text are two. */
export interface Letter {
  readonly text: string;
}

/** What journal and lock keep of an app. */
export interface AppState {
  readonly changes: Changes;
  readonly fences: Fences;
  mailbox: Letter[];
  record: { readonly text: string; readonly version: number } | undefined;
  incidents: { readonly text: string; readonly version: number } | undefined;
  lease: { readonly heldBy: string; readonly rolloutId: string; readonly fence: number; readonly since: string; readonly renewedMs: number } | undefined;
  /** Grows with each holder, also over times in which nobody holds the lock. */
  fence: number;
}

/** The cluster, as it would be in etcd: what all connections share. */
export class MemoryStore {
  readonly clock: Clock;
  readonly #apps = new Map<string, MemoryApp>();
  readonly #states = new Map<string, readonly [Named, AppState]>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add({ namespace, name }: Named, options: MemoryAppOptions): MemoryApp {
    const app = new MemoryApp(namespace, name, this.clock, options);
    this.#apps.set(`${namespace}/${name}`, app);
    return app;
  }

  has(namespace: string, name: string): boolean {
    return this.#apps.has(`${namespace}/${name}`);
  }

  /** @throws ShepherdError ERR_APP_NOT_FOUND */
  app(namespace: string, name: string): MemoryApp {
    const found = this.#apps.get(`${namespace}/${name}`);
    if (found !== undefined) return found;
    const near = [...this.#apps.keys()].slice(0, 3);
    throw new ShepherdError('ERR_APP_NOT_FOUND', `there is no app ${namespace}/${name}; there is ${near.join(', ') || 'none'}`, {
      facts: { app: `${namespace}/${name}`, near },
      remedy: 'name one that exists',
    });
  }

  state({ namespace, name }: Named): AppState {
    const key = `${namespace}/${name}`;
    const found = this.#states.get(key);
    if (found !== undefined) return found[1];
    const state: AppState = { changes: new Changes(), fences: new Fences(), mailbox: [], record: undefined, incidents: undefined, lease: undefined, fence: 0 };
    this.#states.set(key, [{ namespace, name }, state]);
    return state;
  }

  states(): Iterable<readonly [Named, AppState]> {
    return this.#states.values();
  }
}
