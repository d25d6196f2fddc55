import type { Scheduler } from '../scheduler.js';
import type { ContainerSpec } from './container-spec.js';
import { ProbeLoop, type ProbeSpec, type ProbeTarget } from './probe.js';

/** What the probes of a container tell it. */
export interface ProbeHooks {
  /** The startup probe succeeded: the others begin. */
  startedUp(): void;
  ready(well: boolean): void;
  /** A liveness or startup probe gave up. */
  gaveUp(probe: 'liveness' | 'startup', spec: ProbeSpec): void;
  failed(message: string): void;
}

/** The probes of one run of a container: startup alone, then readiness and liveness side by side. */
export class ContainerProbes {
  #loops: ProbeLoop[] = [];

  constructor(
    readonly spec: Pick<ContainerSpec, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>,
    readonly target: ProbeTarget,
    readonly scheduler: Scheduler,
    readonly on: ProbeHooks,
  ) {
    const { startupProbe } = spec;
    if (startupProbe === undefined) this.#begin();
    else this.#addStartup(startupProbe);
  }

  #addStartup(spec: ProbeSpec): void {
    this.#add('Startup', spec, (well) => {
      if (!well) return this.on.gaveUp('startup', spec);
      this.#loops.shift()?.stop();
      this.on.startedUp();
      this.#begin();
    });
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop();
    this.#loops = [];
  }

  #begin(): void {
    const { readinessProbe, livenessProbe } = this.spec;
    if (readinessProbe !== undefined) this.#add('Readiness', readinessProbe, (well) => this.on.ready(well));
    if (livenessProbe === undefined) return;
    this.#add('Liveness', livenessProbe, (well) => {
      if (!well) this.on.gaveUp('liveness', livenessProbe);
    });
  }

  #add(kind: string, spec: ProbeSpec, turned: (well: boolean) => void): void {
    const failed = (finding: string): void => this.on.failed(`${kind} probe failed: ${finding}`);
    this.#loops.push(new ProbeLoop(spec, this.target, this.scheduler, { turned, failed }));
  }
}
