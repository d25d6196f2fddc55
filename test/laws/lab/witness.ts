import type { KubeObject, Sandbox } from '@shepherd/sandbox';

/** The app that is watched. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

const tickMs = 1_000;

export const isReady = ({ status, metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some((condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True');

const matches = (selector: Record<string, string> | undefined, labels: Record<string, string> = {}): boolean =>
  selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);

/**
 * Holds the laws of capacity at every moment: after every write of anybody, on the true state of the cluster (RR PT-2, PT-3).
 *
 * PT-2 as a rule about acts: whoever takes a ready pod out of service leaves at least R − maxUnavailable ready pods in service. What pods do by themselves
 * (crash, get unready) and what a person does (`excuse`) is nobody's act. Split by pods, this is PT-2 for each side: a side with `n` of `N` ready pods has
 * `n ≥ ceil(R · n / N)` exactly where `N ≥ R`. Harm of the last second is allowed for (a Deployment that a person took away too, if what shrank for it grows again within it), as is that a pod which
 * fell has come back within it: whoever acted had read the world before.
 */
export class Witness {
  /** What was done that must not be, with the time. */
  readonly breaches: string[] = [];
  /** The fewest ready pods in service at any moment. */
  least = Number.POSITIVE_INFINITY;
  /** The most versions that served at one moment. */
  versions = 0;
  /** The most pods at any moment, without those on their way out. */
  most = 0;
  readonly #sandbox: Sandbox;
  readonly #place: Place;
  readonly #snapshot: ReadonlySet<string>;
  readonly #excused = new Set<string>();
  readonly #stops: (() => void)[];
  /** When pods that fell by themselves came back; infinite: not yet. */
  readonly #backAt = new Map<string, number>();
  /** When pods fell by themselves or by a person's hand. */
  readonly #harmedAt: number[] = [];
  #serving = new Map<string, KubeObject>();
  /** When a person last took a Deployment away. */
  #bereftMs = Number.NEGATIVE_INFINITY;
  /** What was scaled down for a Deployment that a person took away just then, and must have its pods again at once. */
  #owed: { readonly name: string; readonly replicas: number; readonly untilMs: number; readonly breach: string } | undefined;

  /** `replicas`: R, until `replicas` is set. The ReplicaSets that are there now are the way back. */
  constructor(
    sandbox: Sandbox,
    place: Place,
    public replicas: number,
  ) {
    this.#sandbox = sandbox;
    this.#place = place;
    this.#snapshot = new Set(this.#list('replicasets.apps').map(({ metadata }) => metadata.uid));
    const { objects } = sandbox;
    this.#stops = [
      objects.watch('pods', () => this.#look()),
      objects.watch('services', () => this.#look()),
      objects.watch('deployments.apps', ({ type, object, previous }) => {
        if (this.#excused.has(object.metadata.name) && (type === 'deleted' || object.metadata.deletionTimestamp !== undefined))
          this.#bereftMs = sandbox.elapsedMs;
        if (type !== 'added') this.#judgeDeployment(object, type === 'deleted' ? object : previous);
        this.#look();
      }),
      objects.watch('replicasets.apps', ({ type, object }) => {
        if (type === 'deleted' && this.#snapshot.has(object.metadata.uid))
          this.#breach(`the ReplicaSet ${object.metadata.name}, which is the way back, was deleted`);
      }),
    ];
  }

  /** A person takes this pod, or all pods of this Deployment. */
  excuse(name: string): void {
    this.#excused.add(name);
  }

  /** Ready pods in service now, by image. */
  get serving(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { spec } of this.#serving.values()) counts.set(spec.containers[0].image, (counts.get(spec.containers[0].image) ?? 0) + 1);
    return counts;
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #list(resource: string): readonly KubeObject[] {
    return this.#sandbox.objects.list(resource, this.#place.namespace);
  }

  get #selector(): Record<string, string> | undefined {
    return this.#sandbox.objects.get('services', this.#place.namespace, this.#place.name)?.spec.selector;
  }

  /** Pods that may be missing while the Deployment controller replaces pods. */
  get #slack(): number {
    const { namespace, name } = this.#place;
    const asked = this.#sandbox.objects.get('deployments.apps', namespace, name)?.spec.strategy?.rollingUpdate?.maxUnavailable ?? 0;
    return typeof asked === 'number' ? asked : Math.floor((this.replicas * Number.parseInt(asked, 10)) / 100);
  }

  #look(): void {
    const selector = this.#selector;
    const pods = this.#list('pods');
    const before = this.#serving;
    this.#serving = new Map(pods.filter((pod) => isReady(pod) && matches(selector, pod.metadata.labels)).map((pod) => [pod.metadata.uid, pod]));
    const alive = new Map(pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => [pod.metadata.uid, pod]));
    this.most = Math.max(this.most, alive.size);
    this.versions = Math.max(this.versions, this.serving.size);
    this.least = Math.min(this.least, this.#serving.size);
    const nowMs = this.#sandbox.elapsedMs;
    if (this.#owed !== undefined && nowMs >= this.#owed.untilMs) {
      this.#breach(`${this.#owed.breach}, and stayed so`);
      this.#owed = undefined;
    }
    for (const uid of this.#serving.keys()) if (this.#backAt.get(uid) === Number.POSITIVE_INFINITY) this.#backAt.set(uid, nowMs);
    const taken = [...before.values()].filter(({ metadata }) => {
      if (this.#serving.has(metadata.uid)) return false;
      if (this.#isExcused(metadata)) return this.#harmed(nowMs);
      const now = alive.get(metadata.uid);
      // There, selected and unready: it fell by itself.
      const fell = now !== undefined && matches(selector, now.metadata.labels);
      const justBack = nowMs - (this.#backAt.get(metadata.uid) ?? Number.NEGATIVE_INFINITY) < tickMs;
      if (fell) this.#backAt.set(metadata.uid, Number.POSITIVE_INFINITY);
      return fell ? this.#harmed(nowMs) : !justBack;
    });
    const unknown = this.#harmedAt.filter((at) => nowMs - at < tickMs).length;
    const floor = Math.max(0, this.replicas - this.#slack - unknown);
    if (taken.length > 0 && this.#serving.size < floor) {
      this.#breach(`${taken.map(({ metadata }) => metadata.name).join(', ')} taken out of service, ${this.#serving.size} ready pods left, ${floor} needed`);
    }
  }

  #harmed(nowMs: number): false {
    this.#harmedAt.push(nowMs);
    return false;
  }

  #isExcused({ name, ownerReferences }: KubeObject['metadata']): boolean {
    if (this.#excused.has(name)) return true;
    const owner = ownerReferences?.[0]?.name ?? '';
    return [...this.#excused].some((excused) => owner.startsWith(`${excused}-`) && owner.slice(excused.length + 1).split('-').length === 1);
  }

  #judgeDeployment(now: KubeObject, before: KubeObject | undefined): void {
    if (before === undefined || this.#excused.has(now.metadata.name)) return;
    const selector = this.#selector;
    const serves = matches(selector, now.spec.template.metadata.labels);
    if (!serves) return;
    const ownLabels = now.spec.selector.matchLabels;
    const gone = now.metadata.deletionTimestamp !== undefined || now === before;
    const own = [...this.#serving.values()].filter(({ metadata }) => matches(ownLabels, metadata.labels));
    if (gone && own.length > 0) this.#breach(`Deployment ${now.metadata.name} was deleted while ${own.length} of its pods serve`);
    const others = this.#list('deployments.apps').some(
      ({ metadata, spec }) => metadata.uid !== now.metadata.uid && matches(selector, spec.template.metadata.labels),
    );
    // Where only one side is selected, it is the whole capacity; split by pods, scaling is the traffic.
    const shrinks = (now.spec.replicas ?? 1) < (before.spec.replicas ?? 1) && (now.spec.replicas ?? 1) < this.replicas;
    const { name } = now.metadata;
    const nowMs = this.#sandbox.elapsedMs;
    if (this.#owed?.name === name && now.spec.replicas >= this.#owed.replicas) this.#owed = undefined;
    if (gone || !shrinks || others) return;
    const breach = `Deployment ${name}, which alone serves, was scaled from ${before.spec.replicas} to ${now.spec.replicas}`;
    // No write has a condition on another object: whoever shrank it had seen the other one, and may make it good.
    if (nowMs - this.#bereftMs >= tickMs) this.#breach(breach);
    else this.#owed = { name, replicas: before.spec.replicas ?? 1, untilMs: nowMs + tickMs, breach };
  }

  #breach(what: string): void {
    this.breaches.push(`${(this.#sandbox.elapsedMs / 1_000).toFixed(2)} s: ${what}`);
  }
}
