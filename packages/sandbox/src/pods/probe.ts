import type { Scheduler } from '../scheduler.js';
import type { AppProcess } from './app-process.js';
import type { Network } from './network.js';

type Port = number | string;

/** From the start of a container to its first probe. */
const firstProbeMs = 30;

/** A probe or hook as the API has it, after defaulting. */
export interface ProbeSpec {
  readonly httpGet?: { readonly path?: string; readonly port: Port; readonly host?: string };
  readonly tcpSocket?: { readonly port: Port; readonly host?: string };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

/** Whom a probe asks. */
export interface ProbeTarget {
  readonly network: Network;
  readonly process: AppProcess;
  readonly podIp: string;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** `undefined`: well. Otherwise what the kubelet says about the failure. */
type Finding = string | undefined;

const numberOf = (port: Port, { ports }: ProbeTarget): number =>
  typeof port === 'number' ? port : (ports.find(({ name }) => name === port)?.containerPort ?? 0);

/**
 * Asks once. Commands and gRPC cannot run here: such a probe tells whether the process listens.
 */
export function probeOnce(spec: ProbeSpec, target: ProbeTarget, scheduler: Scheduler, done: (finding: Finding) => void): void {
  const endpoint = spec.httpGet ?? spec.tcpSocket;
  if (endpoint === undefined) return done(target.process.listening ? undefined : 'the process does not listen');
  const address = `${endpoint.host ?? target.podIp}:${numberOf(endpoint.port, target)}`;
  const process = target.network.find(address);
  const refused = `dial tcp ${address}: connect: connection refused`;
  if (spec.httpGet === undefined) return done(process === undefined ? refused : undefined);
  const path = spec.httpGet.path ?? '/';
  const get = `Get "http://${address}${path.startsWith('/') ? '' : '/'}${path}"`;
  if (process === undefined) return done(`${get}: ${refused}`);
  let over = false;
  const finish = (finding: Finding): void => {
    if (over) return;
    over = true;
    cancel();
    done(finding);
  };
  const cancel = scheduler.after((spec.timeoutSeconds ?? 1) * 1_000, () =>
    finish(`${get}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`),
  );
  process.receive({ method: 'GET', path }, (reply) => {
    if (reply === undefined) finish(`${get}: EOF`);
    else finish(reply.status >= 200 && reply.status < 400 ? undefined : `HTTP probe failed with statuscode: ${reply.status}`);
  });
}

/** Asks again and again, and tells when the thresholds turn. */
export class ProbeLoop {
  #cancel: () => void;
  #run = 0;
  #last: 'well' | 'ill' | undefined;
  #stopped = false;
  readonly #periodMs: number;
  #nextMs: number;

  constructor(
    readonly spec: ProbeSpec,
    readonly target: ProbeTarget,
    readonly scheduler: Scheduler,
    private readonly on: { turned(well: boolean): void; failed(finding: string): void },
  ) {
    this.#periodMs = (spec.periodSeconds ?? 10) * 1_000;
    const delayMs = firstProbeMs + (spec.initialDelaySeconds ?? 0) * 1_000;
    this.#nextMs = scheduler.now() + delayMs;
    this.#cancel = scheduler.after(delayMs, () => this.#ask());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #ask(): void {
    probeOnce(this.spec, this.target, this.scheduler, (finding) => {
      if (this.#stopped) return;
      const now = finding === undefined ? 'well' : 'ill';
      this.#run = this.#last === now ? this.#run + 1 : 1;
      this.#last = now;
      if (finding !== undefined) this.on.failed(finding);
      const turned = this.#run >= (now === 'well' ? (this.spec.successThreshold ?? 1) : (this.spec.failureThreshold ?? 3));
      if (turned) this.on.turned(now === 'well');
      if (!this.#stopped) this.#wait(turned && now === 'well');
    });
  }

  /** A good answer that cannot change by itself needs no asking until it may: a quiet cluster has no timers. */
  #wait(well: boolean): void {
    const { process, network } = this.target;
    const path = this.spec.httpGet?.path;
    const steadyMs = !well ? 0 : path === undefined ? Number.POSITIVE_INFINITY : (process.steadyForMs(path) ?? 0);
    const own = this.spec.httpGet === undefined || network.find(`${this.target.podIp}:${numberOf(this.spec.httpGet.port, this.target)}`) === process;
    if (own && steadyMs === Number.POSITIVE_INFINITY) return;
    const now = this.scheduler.now();
    this.#nextMs += this.#periodMs * Math.max(1, Math.ceil((now + (own ? steadyMs : 0) - this.#nextMs) / this.#periodMs));
    this.#cancel = this.scheduler.after(this.#nextMs - now, () => this.#ask());
  }
}
