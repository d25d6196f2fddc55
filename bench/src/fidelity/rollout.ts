import type { Json } from './json.js';
import type { Probe } from './probe.js';
import { merge, strategic } from './scenarios/objects.js';

/** A Deployment, its ReplicaSets and their pods at one moment. */
export interface Moment {
  readonly deployment: Json;
  /** By revision. */
  readonly sets: readonly Json[];
  readonly pods: readonly Json[];
}

const isOwnedBy = (object: Json, owner: Json): boolean => object.metadata.ownerReferences?.some(({ uid }: Json) => uid === owner.metadata.uid) ?? false;
const isReady = ({ status }: Json): boolean => status?.conditions?.some(({ type, status: is }: Json) => type === 'Ready' && is === 'True') ?? false;
const revisionOf = ({ metadata }: Json): number => Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);

const sum = (objects: readonly Json[], of: (object: Json) => number | undefined): number => objects.reduce((total, object) => total + (of(object) ?? 0), 0);

/** Every controller has seen everything: nothing more happens until somebody does something. */
function isSettled({ deployment, sets, pods }: Moment): boolean {
  const { status, metadata } = deployment;
  if (status?.observedGeneration !== metadata.generation) return false;
  const setsAreTrue = sets.every((set) => {
    const own = pods.filter((pod) => isOwnedBy(pod, set));
    const { observedGeneration, replicas = 0, readyReplicas = 0 } = set.status;
    return (
      observedGeneration === set.metadata.generation &&
      replicas === set.spec.replicas &&
      own.length === replicas &&
      readyReplicas === own.filter(isReady).length
    );
  });
  return (
    setsAreTrue &&
    (status.replicas ?? 0) === sum(sets, (set) => set.spec.replicas) &&
    (status.readyReplicas ?? 0) === sum(sets, (set) => set.status.readyReplicas) &&
    (status.availableReplicas ?? 0) === sum(sets, (set) => set.status.availableReplicas)
  );
}

/** A rollout that goes on is told as `created` or `updated`: that depends on which write of the real controller was first. */
const told = ({ type, status, reason, message }: Json): Json =>
  reason === 'NewReplicaSetCreated' || reason === 'ReplicaSetUpdated' ? { type, status, reason: 'goes on' } : { type, status, reason, message };

/** A Deployment whose pods nobody runs: the scenario says when each becomes ready, so that every step of a rollout can be looked at. */
export class Rollout {
  readonly #ips = new Map<string, string>();

  constructor(
    readonly probe: Probe,
    readonly name = 'web',
  ) {}

  /** The next moment at which nothing more happens. */
  settled(also: (moment: Moment) => boolean = () => true): Promise<Moment> {
    return this.probe.until(
      ['deployments', 'replicasets', 'pods'],
      async () => {
        const [first, second] = [await this.#read(), await this.#read()];
        const same = JSON.stringify(first) === JSON.stringify(second);
        return same && isSettled(first) && also(first) ? first : undefined;
      },
      'a settled rollout',
    );
  }

  /** Sizes by revision, ready pods, and the status of the Deployment. */
  async note(label: string, also?: (moment: Moment) => boolean): Promise<Moment> {
    const moment = await this.settled(also);
    const { status } = moment.deployment;
    this.probe.names.meet(moment.sets);
    this.probe.note(label, {
      sets: moment.sets.map((set) => `${revisionOf(set)}: ${set.spec.replicas}, ${set.status.readyReplicas ?? 0} ready`),
      status: { ...status, conditions: status.conditions?.map(told) },
    });
    return moment;
  }

  /** Makes so many pods of the newest revision ready, or all; each is a step that is waited for. */
  async ready(count = Number.POSITIVE_INFINITY, label = 'ready'): Promise<void> {
    for (let done = 0; done < count; done++) {
      const { sets, pods } = await this.settled();
      const newest = sets.at(-1);
      const next = pods.find((pod) => isOwnedBy(pod, newest) && !isReady(pod));
      if (next === undefined) return;
      await this.makeReady(next.metadata.name);
      await this.note(
        `${label} ${done + 1}`,
        ({ pods: now }) =>
          now.some((pod) => pod.metadata.name === next.metadata.name && isReady(pod)) || now.every((pod) => pod.metadata.name !== next.metadata.name),
      );
    }
  }

  /** All of the newest revision at once, without a look between. */
  async allReady(): Promise<Moment> {
    for (;;) {
      const moment = await this.settled();
      const waiting = moment.pods.filter((pod) => isOwnedBy(pod, moment.sets.at(-1)) && !isReady(pod));
      if (waiting.length === 0) return moment;
      for (const pod of waiting) await this.makeReady(pod.metadata.name);
    }
  }

  async makeReady(pod: string, ready = true): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: now }];
    const ip = this.#ips.get(pod) ?? `10.244.9.${this.#ips.size + 1}`;
    this.#ips.set(pod, ip);
    const body = { status: { phase: 'Running', conditions, podIP: ip, podIPs: [{ ip }] } };
    await this.probe.need('PATCH', `pods/${pod}/status`, body, strategic);
  }

  /** Another template, told by an environment variable. */
  async release(value: string): Promise<void> {
    const containers = [{ name: 'web', env: [{ name: 'RELEASE', value }] }];
    await this.probe.need('PATCH', `deployments/${this.name}`, { spec: { template: { spec: { containers } } } }, strategic);
  }

  async change(spec: object): Promise<void> {
    await this.probe.need('PATCH', `deployments/${this.name}`, { spec }, merge);
  }

  async #read(): Promise<Moment> {
    const deployment = await this.probe.need('GET', `deployments/${this.name}`);
    const sets: Json[] = (await this.probe.need('GET', 'replicasets')).items.filter((set: Json) => isOwnedBy(set, deployment));
    const pods: Json[] = (await this.probe.need('GET', 'pods')).items.filter((pod: Json) => sets.some((set) => isOwnedBy(pod, set)));
    return { deployment, sets: sets.toSorted((a, b) => revisionOf(a) - revisionOf(b)), pods };
  }
}
