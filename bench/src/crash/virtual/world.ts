import type { Clock, Transport } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import type { KubeObject } from '../../lab/index.js';
import { imageIn, isCandidate, isReady, lockedUntil, type Objects, type Resource, revisionOf } from '../objects.js';
import { imageOf, releases, replicas, workPath } from '../scenario.js';

const watched = ['pods', 'deployments.apps', 'replicasets.apps', 'services', 'endpointslices.discovery.k8s.io', 'configmaps'];

/** A sandbox with the app on it, and an observer that sees every state there was. */
export class World implements Objects, AsyncDisposable {
  /** Pods started since the app stood, by image and track. */
  readonly started: Record<string, number> = {};
  /** Moments at which too few pods could carry the traffic (RR PT-2), with the first API call after which it was seen. */
  readonly outages: string[] = [];
  /** Grows with each change of what a runner decides on. */
  version = 0;
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  static async create(): Promise<World> {
    const sandbox = await createSandbox();
    const world = new World(sandbox);
    sandbox.image(imageOf('before'));
    for (const release of releases) sandbox.image(imageOf(release), world.#behaviourOf(release));
    await sandbox.install({ name: 'web', image: imageOf('before'), replicas });
    world.#observe();
    return world;
  }

  get clock(): Clock {
    return this.#sandbox.connection.clock;
  }

  get kubeconfig(): string {
    return this.#sandbox.connection.kubeconfig;
  }

  get transport(): Transport {
    return this.#sandbox.connection.transport;
  }

  get elapsedMs(): number {
    return this.#sandbox.elapsedMs;
  }

  /** When the lock that somebody has now may be taken if it is not renewed; NaN: nobody has it. */
  get lockedUntilMs(): number {
    return lockedUntil(this.list('leases.coordination.k8s.io')) - this.now.getTime() + this.elapsedMs;
  }

  get now(): Date {
    return this.clock.now();
  }

  list(resource: Resource): readonly KubeObject[] {
    return this.#sandbox.objects.list(resource, 'default');
  }

  /** RR PT-2: per side with traffic at least one ready pod, and enough for its share of R. Pods here may be unavailable at no time: 25 % of 3 is none. */
  lookForOutage(when: string): void {
    const serving = this.#serving();
    const sides = [serving.filter(isCandidate), serving.filter((pod) => !isCandidate(pod))];
    const enough = sides.every((side) => side.length >= Math.ceil((replicas * side.length) / serving.length - 1e-9));
    if (serving.length > 0 && enough) return;
    this.outages.push(`${this.elapsedMs} ms, ${when}: ${sides[0]?.length} pods of the candidate and ${sides[1]?.length} of stable carry R = ${replicas}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox[Symbol.asyncDispose]();
  }

  #serving(): readonly KubeObject[] {
    const selector = Object.entries(this.#sandbox.objects.get('services', 'default', 'web')?.spec.selector ?? {});
    return this.list('pods').filter((pod) => isReady(pod) && selector.every(([key, value]) => pod.metadata.labels?.[key] === value));
  }

  #behaviourOf(release: (typeof releases)[number]): Parameters<Sandbox['image']>[1] {
    if (release === 'crash') return { crash: { exitCode: 1, log: 'no database' } };
    if (release === 'good') return {};
    const overloaded = (): boolean => this.#serving().filter((pod) => imageIn(pod) === imageOf('sick')).length >= 2;
    return { handle: ({ path }) => (path === workPath && overloaded() ? { status: 500, body: 'overloaded' } : undefined) };
  }

  #observe(): void {
    const { objects } = this.#sandbox;
    for (const resource of watched) objects.watch(resource, () => (this.version += 1));
    const there = new Set(this.list('pods').map(({ metadata }) => metadata.uid));
    objects.watch('pods', ({ type, object }) => {
      if (type === 'added' && !there.has(object.metadata.uid)) {
        const key = revisionOf(object);
        this.started[key] = (this.started[key] ?? 0) + 1;
      }
      this.lookForOutage(`${object.metadata.name} ${type}`);
    });
  }
}
