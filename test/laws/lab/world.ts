import { BlueGreen, Canary, type DeployRequest, RollingUpdate, Shepherd, type Strategy } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { createSandbox, type KubeObject, type Sandbox, type SandboxLoad } from '@shepherd/sandbox';
import { type Burst, FaultyNetwork } from './faulty.js';
import { Person } from './person.js';
import { registerImages } from './releases.js';
import { isReady, Witness } from './witness.js';

export interface AppShape {
  readonly replicas: number;
  /** Of the Deployment. @default 1 */
  readonly maxSurge?: number;
  /** Of the Deployment. @default 0 */
  readonly maxUnavailable?: number;
  readonly seed?: number;
  /** @default 1 */
  readonly nodes?: number;
}

/** A strategy as data, so that a failure prints it. */
export type StrategyPlan = { readonly kind: 'rolling' } | { readonly kind: 'blue-green' } | { readonly kind: 'canary'; readonly stages: readonly number[] };

export const strategyOf = (plan: StrategyPlan): Strategy => {
  if (plan.kind === 'rolling') return new RollingUpdate();
  if (plan.kind === 'blue-green') return new BlueGreen({ soak: '8s' });
  return new Canary({ stages: plan.stages, interval: '4s', analysis: false });
};

export const place = { namespace: 'shop', name: 'web' } as const;

/** One app in a sandbox on virtual time, under load, with a witness and a person; time limits are short, so that a run is soon over. */
export class World implements AsyncDisposable {
  readonly person: Person;
  readonly witness: Witness;
  readonly load: SandboxLoad;

  private constructor(
    readonly sandbox: Sandbox,
    replicas: number,
  ) {
    this.person = new Person(sandbox, place);
    this.witness = new Witness(sandbox, place, replicas);
    this.load = sandbox.load('shop/web', { rate: 20 });
  }

  static async open({ replicas, maxSurge = 1, maxUnavailable = 0, seed = 1, nodes = 1 }: AppShape): Promise<World> {
    const sandbox = await createSandbox({ seed, nodes });
    registerImages(sandbox);
    await sandbox.install({ ...place, image: 'registry/web:old', replicas });
    await new Person(sandbox, place).patchDeployment({ spec: { strategy: { rollingUpdate: { maxSurge, maxUnavailable } } } });
    return new World(sandbox, replicas);
  }

  /** Another process: a Shepherd with a platform of its own. `onCall` hears of each API call before it is made, by its number from 1. */
  shepherd({ onCall, bursts = [] }: { onCall?: (call: number) => unknown; bursts?: readonly Burst[] } = {}): Shepherd<KubeRelease> {
    const { transport, ...connection } = this.sandbox.connection;
    const network = new FaultyNetwork(transport, bursts);
    let calls = 0;
    const heard: typeof transport = async (request) => {
      await onCall?.(++calls);
      return network.send(request);
    };
    return new Shepherd({ platform: kubernetes({ ...connection, transport: heard }), actor: { name: 'law', kind: 'human' } });
  }

  request(release: KubeRelease, strategy: StrategyPlan): DeployRequest<KubeRelease> {
    return { app: 'shop/web', release, strategy: strategyOf(strategy), checks: standard({ quiet: '5s' }), drain: '3s', timeout: '3m' };
  }

  /** Resolves with the work, or fails when it takes longer than this on the clock. */
  async within<T>(minutes: number, work: Promise<T>): Promise<T> {
    const stop = new AbortController();
    const late = this.sandbox.connection.clock.sleep(minutes * 60_000, stop.signal).then(
      () => Promise.reject(new Error(`no end within ${minutes} minutes of virtual time`)),
      () => new Promise<never>(() => undefined),
    );
    return Promise.race([work, late]).finally(() => stop.abort());
  }

  sleep(ms: number): Promise<void> {
    return this.sandbox.connection.clock.sleep(ms);
  }

  get(resource: string, name: string): KubeObject | undefined {
    return this.sandbox.objects.get(resource, place.namespace, name);
  }

  /** Ready pods of this image, whether they serve or not. */
  ready(image: string): number {
    return this.pods().filter((pod) => isReady(pod) && pod.spec.containers[0].image === `registry/web:${image}`).length;
  }

  pods(): readonly KubeObject[] {
    return this.sandbox.objects.list('pods', place.namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** What is not as it must be at rest: one Deployment with this image and count, all ready, nothing of Shepherd's left. */
  async untidy(image: string, replicas: number): Promise<readonly string[]> {
    // Pods that were told to go take their time.
    await this.sleep(40_000);
    const stable = this.get('deployments.apps', 'web');
    const service = this.get('services', 'web');
    const found = {
      image: stable?.spec.template.spec.containers[0].image,
      replicas: stable?.spec.replicas,
      available: stable?.status?.availableReplicas ?? 0,
      updated: stable?.status?.updatedReplicas ?? 0,
      pods: this.pods().length,
      deployments: this.sandbox.objects.list('deployments.apps', place.namespace).map(({ metadata }) => metadata.name),
      services: this.sandbox.objects.list('services', place.namespace).map(({ metadata }) => metadata.name),
      selector: service?.spec.selector,
      paused: stable?.spec.paused ?? false,
      notes: Object.keys({ ...stable?.metadata.annotations, ...service?.metadata.annotations }).filter((key) =>
        /^shepherd\.dev\/(replicas|original)/.test(key),
      ),
    };
    const wanted: typeof found = {
      image: `registry/web:${image}`,
      replicas,
      available: replicas,
      updated: replicas,
      pods: replicas,
      deployments: ['web'],
      services: ['web'],
      selector: { app: 'web' },
      paused: false,
      notes: [],
    };
    return Object.keys(wanted).flatMap((key) => {
      const [is, be] = [found, wanted].map((each) => JSON.stringify(each[key as keyof typeof wanted]));
      return is === be ? [] : [`${key} is ${is}, not ${be}`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.witness.close();
    await this.sandbox[Symbol.asyncDispose]();
  }
}
