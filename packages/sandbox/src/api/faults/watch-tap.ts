import type { Clock } from '@shepherd/core';
import { isWatchFault, type LagFault, type WatchFault } from './fault.js';
import { BrokenConnectionError, statusOf } from './fault-answers.js';

/** The stream to the client, as a watch has it. */
export interface WatchOutlet {
  send(chunk: Uint8Array): void;
  end(): void;
  break(error: unknown): void;
}

interface Held {
  readonly chunk: Uint8Array | undefined;
  readonly dueMs: number;
  readonly isChange: boolean;
}

const encoder = new TextEncoder();

/** Stands between a watch and its client: passes on what is said, until a fault has it otherwise. */
export class WatchTap {
  #fault: WatchFault | undefined;
  #left = 0;
  #muted = false;
  #lag: LagFault | undefined;
  #held: Held[] = [];
  #timer: AbortController | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly to: WatchOutlet,
  ) {}

  /** The reads of this watch lag so much, in ms. */
  get lagMs(): number {
    return this.#lag?.lagMs ?? 0;
  }

  /** From now on, or as soon as its changes were told. */
  meet(fault: WatchFault | LagFault): void {
    if (!isWatchFault(fault)) {
      this.#lag = fault;
      return;
    }
    this.#fault = fault;
    this.#left = fault.afterEvents ?? 0;
    if (this.#left === 0) this.#strike(fault);
  }

  /** The lag of this fault is over: what was held is told at once. */
  catchUp(fault: LagFault): void {
    if (this.#lag !== fault) return;
    this.#lag = undefined;
    this.#timer?.abort();
    for (const { chunk, isChange } of this.#held.splice(0)) this.#pass(chunk, isChange);
  }

  /** Something that happened at this moment, `change` or bookmark; no chunk: the end. */
  say(chunk: Uint8Array | undefined, atMs: number, isChange: boolean): void {
    if (this.#muted) return;
    if (this.#lag === undefined) return this.#pass(chunk, isChange);
    this.#held.push({ chunk, dueMs: atMs + this.#lag.lagMs, isChange });
    this.#wait();
  }

  /** The client has gone, or the server ends: nothing is said any more, nothing is left. */
  close(): void {
    this.#muted = true;
    this.#held = [];
    this.#timer?.abort();
  }

  #pass(chunk: Uint8Array | undefined, isChange: boolean): void {
    if (this.#muted) return;
    if (chunk === undefined) return this.to.end();
    this.to.send(chunk);
    if (!isChange || this.#fault === undefined) return;
    this.#left -= 1;
    if (this.#left <= 0) this.#strike(this.#fault);
  }

  #strike({ watch, status = 410 }: WatchFault): void {
    const { to } = this;
    this.#muted = true;
    switch (watch) {
      case 'half-open':
        return;
      case 'reset':
        return to.break(new BrokenConnectionError());
      case 'garbage':
        to.send(encoder.encode('{"type":"MODIFIED","object":{"metad\n'));
        return to.end();
      case 'error':
        to.send(encoder.encode(`${JSON.stringify({ type: 'ERROR', object: statusOf(status).toStatus() })}\n`));
        return to.end();
      case 'end':
        return to.end();
    }
  }

  #wait(): void {
    const [first] = this.#held;
    if (first === undefined || (this.#timer !== undefined && !this.#timer.signal.aborted)) return;
    const timer = new AbortController();
    this.#timer = timer;
    this.clock.sleep(Math.max(0, first.dueMs - this.clock.monotonicMs()), timer.signal).then(
      () => {
        this.#timer = undefined;
        const now = this.clock.monotonicMs();
        for (let next = this.#held[0]; next !== undefined && next.dueMs <= now; next = this.#held[0]) {
          this.#held.shift();
          this.#pass(next.chunk, next.isChange);
        }
        this.#wait();
      },
      () => undefined,
    );
  }
}
