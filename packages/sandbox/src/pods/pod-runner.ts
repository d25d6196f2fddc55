import type { KubeObject } from '../api/objects.js';
import { timestamp } from '../api/timestamp.js';
import type { EventNote, EventRecorder } from '../controllers/events.js';
import { mountProblem } from './container-env.js';
import { type ContainerHost, type ContainerPod, ContainerRunner } from './container-runner.js';
import type { ContainerSpec } from './container-spec.js';
import type { ContainerBefore } from './container-state.js';
import { type ContainerFacts, conditionsOf, phaseOf } from './pod-status.js';

/** The machine as its pods see it. */
export interface PodHost extends ContainerHost {
  readonly events: EventRecorder;
  readonly node: { readonly name: string; readonly ip: string };
}

const mountRetryMs = 2_000;
const sandboxMs = 20;

/** One pod from its arrival on the node to its end. */
export class PodRunner {
  readonly containers: readonly ContainerRunner[];
  readonly #init: readonly ContainerRunner[];
  readonly #host: PodHost;
  readonly #startTime: string;
  #pod: KubeObject;
  #ip: string | undefined;
  #stopping = false;
  #graceMs = Number.POSITIVE_INFINITY;
  #over = false;
  #dirty = false;
  /** Init containers that were started, and one more when the others were. */
  #begun = 0;
  #timers: (() => void)[] = [];

  constructor(
    pod: KubeObject,
    readonly ip: string,
    host: PodHost,
    readonly onGone: () => void,
  ) {
    this.#pod = pod;
    this.#host = host;
    this.#startTime = timestamp(host.scheduler.date());
    const { restartPolicy = 'Always' } = pod.spec;
    const about: ContainerPod = {
      object: () => this.#pod,
      ip,
      graceMs: (pod.spec.terminationGracePeriodSeconds ?? 30) * 1_000,
      note: (note) => this.#note(note),
      changed: () => this.#changed(),
    };
    const runner = (policy: string) => (spec: ContainerSpec) => new ContainerRunner(spec, about, host, policy);
    // there are none unless the machine was down and has the pod again
    const before: readonly (ContainerBefore & { readonly name: string })[] = pod.status?.containerStatuses ?? [];
    this.containers = pod.spec.containers.map(
      (spec: ContainerSpec) =>
        new ContainerRunner(
          spec,
          about,
          host,
          restartPolicy,
          before.find(({ name }) => name === spec.name),
        ),
    );
    this.#init = (pod.spec.initContainers ?? []).map(runner(restartPolicy === 'Never' ? 'Never' : 'OnFailure'));
    this.#changed();
    this.#mount();
  }

  /** The pod as stored now. */
  see(pod: KubeObject): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) return;
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1_000;
    this.#stop(graceMs);
  }

  /** Ends everything at once: the pod was removed, or the sandbox closes. */
  kill(): void {
    this.#over = true;
    for (const cancel of this.#timers) cancel();
    for (const container of [...this.#init, ...this.containers]) container.kill();
  }

  find(name: string | undefined): ContainerRunner | undefined {
    return name === undefined ? this.containers[0] : [...this.containers, ...this.#init].find((container) => container.name === name);
  }

  #mount(): void {
    const problem = mountProblem(this.#host.objects, this.#pod);
    if (problem !== undefined) {
      this.#note({ type: 'Warning', reason: 'FailedMount', message: problem });
      return this.#after(mountRetryMs, () => this.#mount());
    }
    this.#after(sandboxMs, () => {
      this.#ip = this.ip;
      this.#changed();
      this.#advance();
    });
  }

  /** Init containers one by one, each after the one before has ended well, then all others. */
  #advance(): void {
    if (this.#ip === undefined || this.#stopping || this.#over || this.#begun > this.#init.length) return;
    const last = this.#init[this.#begun - 1];
    if (last !== undefined && !('terminated' in last.state && last.state.terminated.exitCode === 0)) return;
    const next = this.#init[this.#begun];
    this.#begun += 1;
    for (const container of next === undefined ? this.containers : [next]) container.start();
  }

  /** A second call may only shorten the grace. */
  #stop(graceMs: number): void {
    if (this.#over || graceMs >= this.#graceMs) return;
    this.#graceMs = graceMs;
    const all = [...this.#init, ...this.containers];
    if (this.#stopping) {
      for (const container of all) container.stop(graceMs, () => undefined);
      return;
    }
    for (const cancel of this.#timers) cancel();
    this.#stopping = true;
    let left = all.length;
    for (const container of all) {
      container.stop(graceMs, () => {
        left -= 1;
        if (left === 0) this.#after(1, () => this.#gone());
      });
    }
  }

  #gone(): void {
    this.#writeStatus();
    this.#over = true;
    const { namespace, name } = this.#pod.metadata;
    this.#host.objects.delete('pods', namespace, name, { grace: 0 });
    this.onGone();
  }

  #changed(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#host.scheduler.after(1, () => {
      this.#writeStatus();
      this.#advance();
    });
  }

  #writeStatus(): void {
    this.#dirty = false;
    if (this.#over) return;
    const pod = this.#pod;
    const facts = {
      pod,
      containers: this.containers.map(factsOf),
      initContainers: this.#init.map(factsOf),
      started: this.#ip !== undefined,
      now: timestamp(this.#host.scheduler.date()),
    };
    const phase = phaseOf(facts);
    // an address from before the machine went down is no longer this pod's
    const { podIP: _, podIPs: __, ...status } = pod.status ?? {};
    try {
      this.#pod = this.#host.objects.updateStatus('pods', {
        ...pod,
        status: {
          ...status,
          phase,
          conditions: conditionsOf(facts, phase),
          hostIP: this.#host.node.ip,
          hostIPs: [{ ip: this.#host.node.ip }],
          ...(this.#ip === undefined ? {} : { podIP: this.#ip, podIPs: [{ ip: this.#ip }] }),
          startTime: this.#startTime,
          ...(this.#init.length === 0 ? {} : { initContainerStatuses: this.#init.map((container) => container.status()) }),
          containerStatuses: this.containers.map((container) => container.status()),
        },
      });
    } catch (error) {
      // removed or replaced under our feet: the watch says so next
      if (![404, 409].includes((error as { code?: number }).code ?? 0)) throw error;
    }
  }

  #note(note: EventNote): void {
    if (!this.#over) this.#host.events.record(this.#pod, note);
  }

  #after(ms: number, job: () => void): void {
    this.#timers.push(
      this.#host.scheduler.after(ms, () => {
        if (!this.#over) job();
      }),
    );
  }
}

const factsOf = (container: ContainerRunner): ContainerFacts => ({
  name: container.name,
  ready: container.ready,
  hasRun: container.hasRun,
  over: container.over,
  exitCode: 'terminated' in container.state ? container.state.terminated.exitCode : undefined,
});
