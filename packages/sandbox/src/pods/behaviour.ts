import { type Duration, toMs } from '@shepherd/core';
import { quantityToNumber } from '../api/quantity.js';

/** A request as an app function sees it. */
export interface AppRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** How a program ends by its own fault. */
export interface Crash {
  readonly exitCode: number;
  readonly log?: string | undefined;
  /** From the start of the process: it listens and serves until then. @default it exits instead of listening */
  readonly after?: Duration | undefined;
  /** Share of the starts that end so, 0 to 1, by the sandbox's seed. @default 1 */
  readonly chance?: number | undefined;
}

/** Health that comes and goes. */
export interface Flapping {
  /** From one bad time to the next. */
  readonly every: Duration;
  /** How long `/api/health` answers 503, at the end of each `every`. */
  readonly for: Duration;
}

/** How the pods of an image behave. All is well by default: starts at once, healthy, fast, drains. */
export interface Behaviour {
  /** From the start of the process until it listens. @default '20ms' */
  readonly startup?: Duration | undefined;
  /** Prints and exits, each time it is started. */
  readonly crash?: Crash | undefined;
  /** The registry has no such image, or refuses to hand it out. */
  readonly pull?: 'not-found' | 'denied' | undefined;
  /** Status of `/api/health`. @default 200 */
  readonly health?: number | undefined;
  /** `/api/health` turns bad and good again by itself, from the start of the process. Whether pods get unready is their probe's `failureThreshold`. */
  readonly flapping?: Flapping | undefined;
  /** Share of requests answered 500, 0 to 1; `/api/health` and `/metrics` are spared. @default 0 */
  readonly errorRate?: number | undefined;
  /** How long a request takes; `/api/health` and `/metrics` are spared. @default 0 */
  readonly latencyMs?: number | undefined;
  /** Asked first for every request, those of probes too; `undefined` leaves the request to the sample app. */
  readonly handle?: ((request: AppRequest) => { readonly status: number; readonly body?: string | undefined } | undefined) | undefined;
  /** After SIGTERM it serves on for this long and tells clients to close their connections, then ends. @default 3000 */
  readonly drainMs?: number | undefined;
  /** `/api/health` answers 503 for this long after the start. @default 0 */
  readonly readyAfterMs?: number | undefined;
  /** What `/api/health` reports; anything but `connected` makes it 503. @default 'connected' */
  readonly database?: string | undefined;
  /** Memory it fills, `200Mi`; above the container's limit it is OOMKilled. */
  readonly memory?: string | undefined;
  /** Where it listens. @default `PORT`, else the first `containerPort`, else 5000 */
  readonly port?: number | undefined;
}

/** @throws RangeError for what means nothing */
export function checkBehaviour({ crash, flapping }: Behaviour): void {
  const { chance = 1 } = crash ?? {};
  if (!(chance >= 0 && chance <= 1)) throw new RangeError(`the chance of a crash is a share from 0 to 1 [chance=${chance}]`);
  if (flapping !== undefined && !(toMs(flapping.for) > 0 && toMs(flapping.for) < toMs(flapping.every))) {
    throw new RangeError(`health that flaps is bad for a part of each round [every=${flapping.every}, for=${flapping.for}]`);
  }
}

export interface CrashSettings {
  readonly exitCode: number;
  readonly log: string;
  /** 0: instead of listening. */
  readonly afterMs: number;
  readonly chance: number;
}

/** A behaviour and the environment of one container, settled. Times are milliseconds after the start of the process; 0 is never for `…After`. */
export interface AppSettings {
  readonly version: string;
  readonly pod: string;
  readonly port: number;
  readonly startupMs: number;
  readonly crash: CrashSettings | undefined;
  readonly flapping: { readonly everyMs: number; readonly forMs: number } | undefined;
  readonly sickAfterMs: number;
  readonly readyAfterMs: number;
  readonly health: number;
  readonly database: string;
  readonly errorRate: number;
  readonly latencyMs: number;
  readonly drainMs: number;
  readonly memoryBytes: number;
  readonly handle: Behaviour['handle'];
}

const defaultPort = 5000;

/** The environment wins over the image's behaviour, as it does for a real program. */
export function settle(
  behaviour: Behaviour,
  env: Readonly<Record<string, string>>,
  container: { readonly image: string; readonly port: number | undefined; readonly pod: string },
): AppSettings {
  const number = (name: string, otherwise: number): number => {
    const value = Number(env[name] || Number.NaN);
    return Number.isFinite(value) ? value : otherwise;
  };
  const memory = behaviour.memory === undefined ? 0 : quantityToNumber(behaviour.memory);
  return {
    version: env.VERSION || tagOf(container.image),
    pod: container.pod,
    port: number('PORT', behaviour.port ?? container.port ?? defaultPort),
    startupMs: toMs(behaviour.startup ?? '20ms'),
    crash: crashOf(behaviour.crash, number('CRASH_AFTER_MS', 0)),
    flapping: behaviour.flapping && { everyMs: toMs(behaviour.flapping.every), forMs: toMs(behaviour.flapping.for) },
    sickAfterMs: number('SICK_AFTER_MS', 0),
    readyAfterMs: number('READY_AFTER_MS', behaviour.readyAfterMs ?? 0),
    health: behaviour.health ?? 200,
    database: env.DATABASE || (behaviour.database ?? 'connected'),
    errorRate: number('ERROR_RATE', behaviour.errorRate ?? 0),
    latencyMs: number('LATENCY_MS', behaviour.latencyMs ?? 0),
    drainMs: number('DRAIN_MS', behaviour.drainMs ?? 3_000),
    memoryBytes: number('MEMORY_MB', 0) * 2 ** 20 || memory,
    handle: behaviour.handle,
  };
}

function crashOf(crash: Crash | undefined, toldAfterMs: number): CrashSettings | undefined {
  if (crash !== undefined) return { exitCode: crash.exitCode, log: crash.log ?? '', afterMs: toMs(crash.after ?? '0ms'), chance: crash.chance ?? 1 };
  return toldAfterMs > 0 ? { exitCode: 1, log: 'fatal: crashing as told', afterMs: toldAfterMs, chance: 1 } : undefined;
}

/** The version that an image name tells: its tag, else the first letters of its digest. */
export function tagOf(image: string): string {
  const digest = /@sha256:([0-9a-f]{12})/.exec(image)?.[1];
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(image.replace(/@.*$/, ''))?.[1];
  return tag ?? digest ?? 'latest';
}
