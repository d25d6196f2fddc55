import { type AppAnswer, SampleApp } from '../sample-app.js';
import type { Scheduler } from '../scheduler.js';
import type { AppRequest, AppSettings, CrashSettings } from './behaviour.js';
import type { Door, Network } from './network.js';

/** An answer as it leaves the process. `close`: the client is told to open a new connection next time. */
export interface Reply extends AppAnswer {
  readonly close: boolean;
}

/** How a process ended. */
export interface Exit {
  readonly exitCode: number;
  /** `Unknown`: the machine went down with it. */
  readonly reason: 'Completed' | 'Error' | 'OOMKilled' | 'Unknown';
}

/** What a process needs of the machine it runs on. */
export interface ProcessHost {
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly network: Network;
  /** Called before anything that changes who answers or how, so that traffic up to now is settled first. */
  settle(): void;
}

/** How long a process that drained waits for its last answers. */
const lastAnswersMs = 10_000;

/** One run of a container: a program with a port, some memory and signals. */
export class AppProcess {
  readonly app: SampleApp;
  readonly #host: ProcessHost;
  readonly #startedMs: number;
  readonly #cancels = new Set<() => void>();
  readonly #underWay = new Set<(reply: undefined) => void>();
  #door: Door | undefined;
  #draining = false;
  #leaving = false;
  #ended = false;

  constructor(
    readonly settings: AppSettings,
    readonly address: string,
    readonly image: string,
    host: ProcessHost,
    private readonly hooks: { log(line: string): void; exited(exit: Exit): void },
  ) {
    this.#host = host;
    this.#startedMs = host.scheduler.now();
    this.app = new SampleApp(settings, host.random, host.scheduler.date());
    this.#later(settings.startupMs, () => this.#begin());
  }

  /** Connections are accepted. */
  get listening(): boolean {
    return this.#door?.open === true && !this.#leaving;
  }

  /** SIGTERM: serves on for a while with `Connection: close`, then takes no more, finishes what is under way and ends. */
  terminate(): void {
    if (this.#ended || this.#draining) return;
    this.#host.settle();
    this.#draining = true;
    if (this.#door === undefined) return this.#end({ exitCode: 0, reason: 'Completed' });
    this.#later(this.settings.drainMs, () => this.#leave());
  }

  /** SIGKILL: everything under way is reset. */
  kill(exit: Exit = { exitCode: 137, reason: 'Error' }): void {
    this.#end(exit);
  }

  /**
   * Takes a request; `done` gets the reply, or `undefined` where the connection broke without one. Called at once for an answer without delay.
   * `agoMs`: the request came this long ago.
   */
  receive(request: AppRequest, done: (reply: Reply | undefined) => void, agoMs = 0): void {
    if (!this.listening && !(this.#leaving && !this.#ended)) return done(undefined);
    const ageMs = this.#host.scheduler.now() - this.#startedMs - agoMs;
    const answer = this.app.answer(request, ageMs, this.#host.scheduler.date());
    if (answer.delayMs <= agoMs) return done({ ...answer, close: this.#draining });
    const finish = (reply: Reply | undefined): void => {
      this.#underWay.delete(finish);
      done(reply);
      if (this.#leaving && this.#underWay.size === 0) this.#end({ exitCode: 0, reason: 'Completed' });
    };
    this.#underWay.add(finish);
    this.#later(answer.delayMs - agoMs, () => finish({ ...answer, close: this.#draining }));
  }

  /** In how many milliseconds the answer to this path may change by itself; `undefined` where that cannot be told. */
  steadyForMs(path: string): number | undefined {
    const ageMs = this.#host.scheduler.now() - this.#startedMs;
    const until = this.app.steadyUntilMs(path, ageMs);
    return until === undefined ? undefined : until - ageMs;
  }

  #begin(): void {
    const { crash, startupMs, version, port } = this.settings;
    if (crash !== undefined && (crash.chance >= 1 || this.#host.random() < crash.chance)) {
      if (crash.afterMs === 0) return this.#crash(crash);
      this.#later(Math.max(0, crash.afterMs - startupMs), () => this.#crash(crash));
    }
    this.#door = this.#host.network.open(`${this.address}:${port}`, this, () => {
      if (!this.#ended) this.hooks.log(`version ${version} listens on :${port}`);
    });
  }

  #crash({ log, exitCode }: CrashSettings): void {
    for (const line of log.split('\n')) if (line !== '') this.hooks.log(line);
    this.#end({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
  }

  #leave(): void {
    this.#host.settle();
    this.#leaving = true;
    this.#door?.refuse();
    if (this.#underWay.size === 0) this.#end({ exitCode: 0, reason: 'Completed' });
    else this.#later(lastAnswersMs, () => this.#end({ exitCode: 0, reason: 'Completed' }));
  }

  #end(exit: Exit): void {
    if (this.#ended) return;
    this.#host.settle();
    this.#ended = true;
    this.#leaving = true;
    for (const cancel of this.#cancels) cancel();
    for (const finish of [...this.#underWay]) finish(undefined);
    this.#door?.close();
    this.hooks.exited(exit);
  }

  #later(ms: number, job: () => void): void {
    const cancel = this.#host.scheduler.after(ms, () => {
      this.#cancels.delete(cancel);
      job();
    });
    this.#cancels.add(cancel);
  }
}
