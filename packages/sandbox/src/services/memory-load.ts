import type { AppProcess, Reply } from '../pods/app-process.js';
import type { Network } from '../pods/network.js';
import type { Scheduler } from '../scheduler.js';

/** What became of the requests of a load. */
export interface LoadCounts {
  readonly requests: number;
  /** No 2xx within 5 s: refused, reset, another status, too late. */
  readonly failed: number;
  /** Answers by the image of the pod that gave them, whatever their status. */
  readonly byImage: Readonly<Record<string, number>>;
}

export interface MemoryLoadOptions {
  /** Requests a second. */
  readonly rate: number;
  /** Connections are kept and used in turn, each with its pod until that ends it. */
  readonly keepAlive: boolean;
  readonly scheduler: Scheduler;
  readonly network: Network;
  /** The address for a new connection. */
  readonly pick: () => string | undefined;
}

const tickMs = 50;
const timeoutMs = 5_000;

interface Connection {
  process: AppProcess | undefined;
  busy: boolean;
}

/**
 * An open loop on the sandbox's clock, without sockets. Requests are played in batches, but each with its own due time: before anything changes that could
 * touch one, `settle` plays those that were due until then. So the result is exact and 200,000 requests take a second.
 */
export class MemoryLoad {
  readonly #options: MemoryLoadOptions;
  readonly #startedMs: number;
  readonly #connections: Connection[];
  readonly #byImage: Record<string, number> = {};
  #sent = 0;
  #failed = 0;
  #underWay = 0;
  #playing = false;
  #endMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: MemoryLoadOptions) {
    this.#options = options;
    this.#startedMs = options.scheduler.now();
    const kept = options.keepAlive ? Math.max(1, Math.ceil(options.rate / 5)) : 0;
    this.#connections = Array.from({ length: kept }, () => ({ process: undefined, busy: false }));
    this.#tick();
  }

  /** Plays what was due until now. */
  settle(): void {
    if (this.#playing) return;
    this.#playing = true;
    const now = Math.min(this.#options.scheduler.now(), this.#endMs);
    for (let due = this.#dueMs(); due < now; due = this.#dueMs()) this.#send(due);
    this.#playing = false;
  }

  /** What is known so far. */
  soFar(): LoadCounts {
    this.settle();
    return { requests: this.#sent - this.#underWay, failed: this.#failed, byImage: { ...this.#byImage } };
  }

  /** Sends nothing more and waits for what is under way, 5 s at most. */
  async stop(): Promise<LoadCounts> {
    this.settle();
    this.close();
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        this.#options.scheduler.after(timeoutMs, resolve);
      });
    }
    return { requests: this.#sent, failed: this.#failed + this.#underWay, byImage: { ...this.#byImage } };
  }

  close(): void {
    this.#endMs = Math.min(this.#endMs, this.#options.scheduler.now());
    this.#cancel();
  }

  #dueMs(): number {
    return this.#startedMs + (this.#sent * 1_000) / this.#options.rate;
  }

  #tick(): void {
    this.#cancel = this.#options.scheduler.after(tickMs, () => {
      this.settle();
      this.#tick();
    });
  }

  #send(dueMs: number): void {
    const index = this.#sent++;
    const kept = this.#connections[index % this.#connections.length];
    const connection = kept === undefined || kept.busy ? { process: undefined, busy: false } : kept;
    if (connection.process?.listening !== true) {
      const address = this.#options.pick();
      connection.process = address === undefined ? undefined : this.#options.network.find(address);
    }
    const { process } = connection;
    if (process === undefined) {
      this.#failed += 1;
      return;
    }
    connection.busy = true;
    this.#underWay += 1;
    process.receive({ method: 'GET', path: '/' }, (reply) => this.#done(connection, process, reply, dueMs), this.#options.scheduler.now() - dueMs);
  }

  #done(connection: Connection, process: AppProcess, reply: Reply | undefined, dueMs: number): void {
    connection.busy = false;
    this.#underWay -= 1;
    if (reply === undefined || reply.close) connection.process = undefined;
    if (reply !== undefined) this.#byImage[process.image] = (this.#byImage[process.image] ?? 0) + 1;
    const late = reply !== undefined && Math.max(this.#options.scheduler.now(), dueMs) - dueMs > timeoutMs && reply.delayMs > timeoutMs;
    if (reply === undefined || reply.status < 200 || reply.status > 299 || late) this.#failed += 1;
    if (this.#underWay === 0) this.#onIdle?.();
  }
}
