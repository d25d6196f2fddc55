import { randomBytes } from 'node:crypto';
import type { KubeObject, Objects } from '../api/objects.js';
import { quantityToNumber } from '../api/quantity.js';
import { timestamp } from '../api/timestamp.js';
import type { EventNote } from '../controllers/events.js';
import { AppProcess, type Exit, type ProcessHost } from './app-process.js';
import { Backoff, goDuration } from './backoff.js';
import { settle } from './behaviour.js';
import { environmentOf } from './container-env.js';
import { ContainerProbes } from './container-probes.js';
import type { ContainerSpec } from './container-spec.js';
import { type ContainerBefore, type ContainerState, runsAgain, stateAfterOutage, type Terminated } from './container-state.js';
import { stopProcess } from './container-stop.js';
import { ImagePull } from './image-pull.js';
import type { ImageRegistry } from './image-registry.js';
import { ContainerLog } from './log.js';
import type { ProbeSpec, ProbeTarget } from './probe.js';

/** The machine as a container sees it. */
export interface ContainerHost extends ProcessHost {
  readonly objects: Objects;
  readonly images: ImageRegistry;
}

/** The pod as its containers see it. */
export interface ContainerPod {
  /** As stored now. */
  object(): KubeObject;
  readonly ip: string;
  /** How long it may take to stop when nobody deletes it. */
  readonly graceMs: number;
  note(note: EventNote): void;
  /** Something of the status is new. */
  changed(): void;
}

const createMs = 15;
/** The kubelet looks at what containers do once a second. */
const noticeMs = 1_000;
const configRetryMs = 10_000;

/** One container through all its runs: pull, configure, start, probe, crash, wait, start again, stop. */
export class ContainerRunner {
  readonly name: string;
  readonly log = new ContainerLog();
  #state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  #last: Terminated | undefined;
  #restarts = 0;
  #ready = false;
  #startedUp = false;
  #containerId = '';
  #imageId = '';
  #process: AppProcess | undefined;
  #probes: ContainerProbes | undefined;
  #stopping: { hurry(graceMs: number): void } | undefined;
  #restarting = false;
  #onStopped: (() => void) | undefined;
  #closed = false;
  #cancel: () => void = () => undefined;
  readonly #crashes = new Backoff();
  readonly #images: ImagePull;

  constructor(
    readonly spec: ContainerSpec,
    readonly pod: ContainerPod,
    readonly host: ContainerHost,
    readonly restartPolicy: string,
    before?: ContainerBefore,
  ) {
    this.name = spec.name;
    if (before !== undefined) this.#takeUp(before);
    this.#images = new ImagePull(spec, host, {
      pulled: () => this.#configure(),
      waits: (reason, message) => this.#wait(reason, message),
      note: (type, reason, message) => this.#note(type, reason, message),
      after: (ms, job) => this.#after(ms, job),
    });
  }

  get ready(): boolean {
    return this.#ready;
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** Has run and will not run again. */
  get over(): boolean {
    return 'terminated' in this.#state && !this.#restarting;
  }

  get hasRun(): boolean {
    return this.#last !== undefined || !('waiting' in this.#state);
  }

  get process(): AppProcess | undefined {
    return this.#process;
  }

  start(): void {
    if (!this.over) this.#pull();
  }

  /** The program ends at once, as by a signal from outside; what follows is the restart policy's. Says whether there was one. */
  die(exitCode: number): boolean {
    const running = this.#process !== undefined;
    this.#process?.kill({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
    return running;
  }

  /** Stops it for good; `done` is called when nothing runs any more. A second call may only shorten the grace. */
  stop(graceMs: number, done: () => void): void {
    if (this.#onStopped !== undefined) return this.#stopping?.hurry(graceMs);
    this.#closed = true;
    this.#cancel();
    this.#onStopped = done;
    if (this.#process === undefined) return done();
    this.#note('Normal', 'Killing', `Stopping container ${this.name}`);
    this.#stop(graceMs);
  }

  /** Kills without a word: the pod or the sandbox is gone. */
  kill(): void {
    this.#closed = true;
    this.#cancel();
    this.#probes?.stop();
    this.log.end();
    this.#process?.kill();
  }

  status(): Record<string, unknown> {
    const { image } = this.spec;
    return {
      name: this.name,
      state: this.#state,
      lastState: this.#last === undefined || ('terminated' in this.#state && this.#state.terminated === this.#last) ? {} : { terminated: this.#last },
      ready: this.#ready,
      restartCount: this.#restarts,
      image,
      imageID: this.#imageId,
      started: this.#startedUp,
      ...(this.#containerId === '' ? {} : { containerID: this.#containerId }),
    };
  }

  #takeUp(before: ContainerBefore): void {
    this.#restarts = before.restartCount;
    this.#last = before.lastState?.terminated;
    this.#state = stateAfterOutage(before, this.#now()) ?? this.#state;
    this.#restarting = 'terminated' in this.#state ? runsAgain(this.restartPolicy, this.#state.terminated) : this.#last !== undefined;
  }

  #pull(): void {
    this.#images.pull();
  }

  #configure(): void {
    const environment = environmentOf(this.host.objects, this.pod.object(), this.spec);
    if (!environment.ok) {
      this.#note('Warning', 'Failed', `Error: ${environment.message}`);
      this.#wait('CreateContainerConfigError', environment.message);
      return this.#after(configRetryMs, () => this.#pull());
    }
    this.#after(createMs, () => this.#run(environment.values));
  }

  #run(env: Readonly<Record<string, string>>): void {
    const { host, spec, name } = this;
    const { image } = spec;
    if ('terminated' in this.#state) this.#last = this.#state.terminated;
    if (this.#restarting) {
      this.#restarts += 1;
      this.log.turn();
      this.#crashes.next(host.scheduler.now());
    }
    this.#restarting = false;
    this.#containerId = `containerd://${randomBytes(32).toString('hex')}`;
    this.#imageId = `sha256:${Buffer.from(image).toString('hex').padEnd(64, '0').slice(0, 64)}`;
    this.#startedUp = spec.startupProbe === undefined;
    this.#ready = this.#startedUp && spec.readinessProbe === undefined;
    this.#state = { running: { startedAt: this.#now() } };
    this.#note('Normal', 'Created', `Created container: ${name}`);
    this.#note('Normal', 'Started', `Started container ${name}`);
    const pod = this.pod.object().metadata.name;
    const settings = settle(host.images.behaviour(image), env, { image, pod, port: spec.ports?.[0]?.containerPort });
    const process = new AppProcess(settings, this.pod.ip, image, host, {
      log: (line) => this.log.line(line, host.scheduler.date()),
      exited: (exit) => this.#exited(process, exit),
    });
    this.#process = process;
    const limit = spec.resources?.limits?.memory;
    if (limit !== undefined && settings.memoryBytes > quantityToNumber(limit)) {
      host.scheduler.after(settings.startupMs / 2, () => process.kill({ exitCode: 137, reason: 'OOMKilled' }));
    }
    this.#probe(process);
    this.pod.changed();
  }

  #target(process: AppProcess): ProbeTarget {
    return { network: this.host.network, process, podIp: this.pod.ip, ports: this.spec.ports ?? [] };
  }

  #probe(process: AppProcess): void {
    this.#probes = new ContainerProbes(this.spec, this.#target(process), this.host.scheduler, {
      startedUp: () => {
        this.#startedUp = true;
        if (this.spec.readinessProbe === undefined) this.#ready = true;
        this.pod.changed();
      },
      ready: (well) => this.#setReady(well),
      gaveUp: (probe, spec) => this.#restart(probe, spec),
      failed: (message) => this.#note('Warning', 'Unhealthy', message),
    });
  }

  #setReady(ready: boolean): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.pod.changed();
  }

  #restart(probe: string, { terminationGracePeriodSeconds }: ProbeSpec): void {
    if (this.#stopping !== undefined) return;
    this.#note('Normal', 'Killing', `Container ${this.name} failed ${probe} probe, will be restarted`);
    this.#probes?.stop();
    this.#setReady(false);
    this.#stop(terminationGracePeriodSeconds === undefined ? this.pod.graceMs : terminationGracePeriodSeconds * 1_000);
  }

  #stop(graceMs: number): void {
    const process = this.#process as AppProcess;
    // being deleted overtakes a restart: the shorter grace wins
    if (this.#stopping !== undefined) return this.#stopping.hurry(graceMs);
    this.#stopping = { hurry: () => undefined };
    const preStop = this.spec.lifecycle?.preStop;
    this.#stopping = stopProcess(process, graceMs, preStop, this.#target(process), this.host.scheduler, () =>
      this.#note('Warning', 'FailedPreStopHook', 'PreStopHook failed'),
    );
  }

  #exited(process: AppProcess, exit: Exit): void {
    if (this.#process !== process) return;
    this.#probes?.stop();
    this.#process = undefined;
    this.log.end();
    this.#stopping = undefined;
    this.#ready = false;
    this.#startedUp = false;
    const startedAt = 'running' in this.#state ? this.#state.running.startedAt : this.#now();
    this.#state = { terminated: { ...exit, startedAt, finishedAt: this.#now(), containerID: this.#containerId } };
    this.#restarting = runsAgain(this.restartPolicy, exit) && !this.#closed;
    this.pod.changed();
    this.#onStopped?.();
    if (!this.#restarting) return;
    const untilMs = this.#crashes.waitUntilMs(this.host.scheduler.now());
    this.#after(noticeMs, () => {
      const leftMs = untilMs - this.host.scheduler.now();
      if (leftMs <= 0) return this.#pull();
      const { name, namespace, uid } = this.pod.object().metadata;
      const pod = `${name}_${namespace}(${uid})`;
      this.#last = 'terminated' in this.#state ? this.#state.terminated : this.#last;
      this.#note('Warning', 'BackOff', `Back-off restarting failed container ${this.name} in pod ${pod}`);
      this.#wait('CrashLoopBackOff', `back-off ${goDuration(this.#crashes.ms)} restarting failed container=${this.name} pod=${pod}`);
      this.#after(leftMs, () => this.#pull());
    });
  }

  #wait(reason: string, message: string): void {
    if ('terminated' in this.#state) this.#last = this.#state.terminated;
    this.#state = { waiting: { reason, message } };
    this.pod.changed();
  }

  #after(ms: number, job: () => void): void {
    this.#cancel = this.host.scheduler.after(ms, () => {
      if (!this.#closed) job();
    });
  }

  #note(type: EventNote['type'], reason: string, message: string): void {
    this.pod.note({ type, reason, message, fieldPath: `spec.containers{${this.name}}` });
  }

  #now(): string {
    return timestamp(this.host.scheduler.date());
  }
}
