import type { PlainRequest, Transport } from '@shepherd/core';
import type { Objects } from '../api/objects.js';
import { responseOf } from '../api/server/answer.js';
import { type Listening, listenOn } from '../api/server/http-listener.js';
import { plainRequest } from '../api/server/incoming.js';
import type { Network } from '../pods/network.js';
import type { Scheduler } from '../scheduler.js';
import { PrometheusApi } from './api.js';
import { FaultyFront, type MetricsFault } from './metrics-fault.js';
import { Scraper } from './scraper.js';
import { SeriesStore } from './series-store.js';

const keepMs = 2 * 3_600_000;

export interface PrometheusParts {
  readonly objects: Objects;
  readonly network: Network;
  readonly scheduler: Scheduler;
  /** @default 15000 */
  readonly intervalMs?: number | undefined;
  settle(): void;
}

/** A Prometheus in this process. It scrapes from the first time somebody asks for its connection, so that who needs none pays for none. */
export class Prometheus {
  readonly #scraper: Scraper;
  readonly #front: FaultyFront;

  constructor({ intervalMs = 15_000, ...parts }: PrometheusParts) {
    const store = new SeriesStore(keepMs);
    const { scheduler } = parts;
    const api = new PrometheusApi(store, () => this.#nowMs(scheduler));
    this.#front = new FaultyFront({
      nowMs: () => scheduler.date().getTime(),
      sleep: (ms, signal) => sleepOf(scheduler, ms, signal),
      handle: (request) => api.handle(request),
    });
    this.#scraper = new Scraper({ ...parts, intervalMs, store, nowMs: () => this.#nowMs(scheduler), stands: () => this.#front.stands });
  }

  /** Calls it in memory. */
  readonly transport: Transport = Object.assign(async (request: Request) => responseOf(await this.#front.handle(request)), {
    plain: (request: PlainRequest) => this.#front.handle(plainRequest(request)),
  });

  /** What is wrong with it from now on, one thing at a time. @returns takes it back */
  fault(fault: MetricsFault): () => void {
    return this.#front.set(fault);
  }

  #nowMs(scheduler: Scheduler): number {
    return scheduler.date().getTime() + this.#front.skewMs;
  }

  listen(): Promise<Listening> {
    return listenOn((request) => this.#front.handle(request));
  }

  start(): void {
    this.#scraper.start();
  }

  close(): void {
    this.#scraper.close();
  }
}

function sleepOf(scheduler: Scheduler, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = scheduler.after(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
