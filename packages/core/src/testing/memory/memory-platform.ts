import type { Clock } from '../../ports/clock.js';
import type { WriteContext } from '../../ports/context.js';
import type { Platform } from '../../ports/platform.js';
import { type AppRef, parseAppRef } from '../../words/app.js';
import type { Finding } from '../../words/finding.js';
import { VirtualClock } from '../virtual-clock.js';
import { type MemoryCall, type OnCall, traced } from './calls.js';
import type { MemoryApp, MemoryAppOptions } from './memory-app.js';
import { memoryAutoscaler } from './memory-autoscaler.js';
import { memoryDiagnosis } from './memory-diagnosis.js';
import { healthPath, memoryHttp } from './memory-http.js';
import { memoryIncidents } from './memory-incidents.js';
import { memoryJournal } from './memory-journal.js';
import { memoryLock } from './memory-lock.js';
import { type MemoryRelease, memoryReleases } from './memory-releases.js';
import { memoryRouter } from './memory-router.js';
import { MemoryStore } from './memory-store.js';
import { memoryTracks } from './memory-tracks.js';

/** Options of the app `default/web`, or of several. */
export interface MemoryPlatformOptions extends MemoryAppOptions {
  /** @default new VirtualClock({ auto: true }) */
  readonly clock?: Clock | undefined;
  /** Apps by `name` or `namespace/name`; what one leaves out is the platform's. @default { web: {} } */
  readonly apps?: Readonly<Record<string, MemoryAppOptions>> | undefined;
  /** @default 15000 */
  readonly leaseMs?: number | undefined;
  /** What lint finds. @default nothing */
  readonly findings?: readonly Finding[] | undefined;
  /** Sees every call, and may fail it. */
  readonly onCall?: OnCall | undefined;
}

/** A platform without a cluster, whose state is open to a test. */
export interface MemoryPlatform extends Platform<MemoryRelease> {
  readonly clock: Clock;
  /** The calls of this connection, in order. */
  readonly calls: readonly MemoryCall[];
  /** @throws ShepherdError ERR_APP_NOT_FOUND */
  app(ref?: AppRef): MemoryApp;
  /** The same cluster as another process sees it: one state, an own log and hook. */
  connect(onCall?: OnCall): MemoryPlatform;
}

const defaultNamespace = 'default';

/**
 * All ports of a platform in memory, on pods that are numbers: start-up on the clock, doomed and sick versions, three kinds of router. For tests of engines,
 * strategies and tools without Kubernetes; deterministic with a VirtualClock.
 */
export function createMemoryPlatform(options: MemoryPlatformOptions = {}): MemoryPlatform {
  const { clock = new VirtualClock({ auto: true }), apps = { web: {} }, onCall, leaseMs = 15_000, findings = [], ...defaults } = options;
  const store = new MemoryStore(clock);
  for (const [ref, own] of Object.entries(apps)) store.add(named(ref), { ...defaults, ...own });
  return connection(store, { clock, leaseMs, findings, apps }, onCall);
}

interface Cluster {
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly findings: readonly Finding[];
  readonly apps: Readonly<Record<string, MemoryAppOptions>>;
}

function named(ref: AppRef): { readonly namespace: string; readonly name: string } {
  const { namespace = defaultNamespace, name = '' } = parseAppRef(ref) ?? {};
  return { namespace, name };
}

function connection(store: MemoryStore, cluster: Cluster, onCall: OnCall | undefined): MemoryPlatform {
  const { clock, leaseMs, findings, apps } = cluster;
  const calls: MemoryCall[] = [];
  const trace = <T extends object>(port: string, methods: T): T => traced(port, methods, calls, onCall, () => clock.monotonicMs());
  const lock = memoryLock(store, leaseMs);
  const ask = memoryHttp(store);
  return {
    specificationVersion: 'v1',
    name: 'memory',
    clock,
    calls,
    releases: trace('releases', memoryReleases(store)),
    tracks: trace('tracks', memoryTracks(store)),
    router: trace('router', memoryRouter(store)),
    autoscaler: trace('autoscaler', memoryAutoscaler(store)),
    journal: trace('journal', memoryJournal(store)),
    lock: trace('lock', {
      ...lock,
      async acquire(context, holder) {
        const answer = await lock.acquire(context, holder);
        return 'fence' in answer ? trace('lock', answer) : answer;
      },
    } satisfies typeof lock),
    diagnosis: trace('diagnosis', memoryDiagnosis(store)),
    incidents: trace('incidents', memoryIncidents(store)),
    ...trace('platform', {
      async fence(context: WriteContext) {
        const { namespace, name } = context.app;
        if (!store.has(namespace, name)) return;
        for (const object of ['stable', 'candidate', 'router', 'autoscaler', 'marks']) store.app(namespace, name).fences.claim(context, `${name}/${object}`);
      },
    }),
    http: (context) => trace('http', { ask: ask(context) }).ask,
    healthPath: async () => healthPath,
    lint: async () => findings,
    resolve: async (ref) => {
      const { namespace, name } = store.app(ref.namespace ?? defaultNamespace, ref.name);
      return { namespace, name };
    },
    app: (ref = Object.keys(apps)[0] ?? 'web') => {
      const { namespace, name } = named(ref);
      return store.app(namespace, name);
    },
    connect: (hook) => connection(store, cluster, hook),
  };
}
