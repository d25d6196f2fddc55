import type { KubeObject, Objects } from '../../api/objects.js';
import { controllerOf, controllerRef } from '../../api/owners.js';
import { matchesSelector } from '../../api/selectors.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { EventRecorder } from '../events.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';
import * as conditions from './conditions.js';
import { conditionsOf, type DeploymentStatus, deadlineInMs, hasDeadline, isComplete, rolloutStatusOf, statusOf } from './deployment-status.js';
import { newReplicaSet } from './new-replica-set.js';
import { annotation, annotationsOf, beyondHistory, nextRevision, sizeAnnotations } from './revisions.js';
import { type Fenceposts, fenceposts, newSize, oldSizes } from './rolling-arithmetic.js';
import { isScaled, scaledSizes } from './scaling.js';
import { sameTemplate, templateHash } from './template-hash.js';

const deployments = 'deployments.apps';
const replicaSets = 'replicasets.apps';

/** Longer than a ReplicaSet takes, so that its pods follow one resize before the next and the surge holds at every moment. */
const reactionMs = 5;

/** A Deployment with its ReplicaSets, read at one moment; each write of the pass puts its answer in here. */
interface Pass {
  deployment: KubeObject;
  fresh: KubeObject | undefined;
  /** All but the fresh one, oldest first. */
  old: KubeObject[];
  readonly posts: Fenceposts;
}

/** Moves each Deployment towards its spec through ReplicaSets, one step a reconcile, as Kubernetes does. */
export class DeploymentController {
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#events = new EventRecorder(objects, () => scheduler.date(), 'deployment-controller');
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key), reactionMs);
    this.#stops = [
      objects.watch(deployments, ({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))),
      objects.watch(replicaSets, ({ object }) => this.#addOwner(object)),
      objects.watch('pods', ({ type, object }) => {
        // Recreate waits for the last old pod
        const owner = controllerOf(object);
        if (type !== 'deleted' || owner?.kind !== 'ReplicaSet') return;
        const set = objects.get(replicaSets, object.metadata.namespace, owner.name);
        if (set !== undefined) this.#addOwner(set);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #addOwner(set: KubeObject): void {
    const owner = controllerOf(set);
    if (owner?.kind === 'Deployment') this.#queue.add(keyOf(set.metadata.namespace, owner.name));
    else if (owner === undefined) {
      for (const deployment of this.objects.list(deployments, set.metadata.namespace)) {
        if (matchesSelector(deployment.spec.selector, set.metadata.labels)) this.#queue.add(keyOf(deployment.metadata.namespace, deployment.metadata.name));
      }
    }
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const deployment = this.objects.get(deployments, namespace, name);
    if (deployment === undefined) return;
    const pass = this.#read(deployment);
    if (deployment.metadata.deletionTimestamp !== undefined) return this.#writeStatus(pass, this.#plainStatus(pass));
    this.#sayPaused(pass);
    if (deployment.spec.paused || isScaled(desiredOf(pass), all(pass))) return this.#syncSizes(pass);
    if (deployment.spec.strategy?.type === 'Recreate') this.#recreate(pass);
    else this.#roll(pass);
  }

  #read(deployment: KubeObject): Pass {
    const { namespace, uid } = deployment.metadata;
    const sets = this.objects
      .list(replicaSets, namespace)
      .flatMap((set) => {
        const owner = controllerOf(set);
        const fits = matchesSelector(deployment.spec.selector, set.metadata.labels);
        if (owner?.uid === uid) return fits ? [set] : this.#release(set, uid);
        if (owner !== undefined || !fits || set.metadata.deletionTimestamp !== undefined || deployment.metadata.deletionTimestamp !== undefined) return [];
        return [this.#writeSet(set, (copy) => (copy.metadata.ownerReferences = [...(copy.metadata.ownerReferences ?? []), controllerRef(deployment)]))];
      })
      .sort(byAge);
    const fresh = sets.find((set) => sameTemplate(set.spec.template, deployment.spec.template));
    const rolling = deployment.spec.strategy?.type === 'Recreate' ? undefined : deployment.spec.strategy?.rollingUpdate;
    const posts = rolling === undefined ? { surge: 0, unavailable: 0 } : fenceposts(rolling.maxSurge, rolling.maxUnavailable, deployment.spec.replicas);
    return { deployment, fresh, old: sets.filter((set) => set !== fresh), posts };
  }

  #release(set: KubeObject, uid: string): KubeObject[] {
    this.#writeSet(set, (copy) => (copy.metadata.ownerReferences = copy.metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? []));
    return [];
  }

  #roll(pass: Pass): void {
    this.#ensureFresh(pass, true);
    const { posts } = pass;
    const desired: number = pass.deployment.spec.replicas;
    const fresh = pass.fresh as KubeObject;
    if (this.#resize(pass, fresh, newSize(replicasOf(fresh), pass.old.map(replicasOf), desired, posts))) return this.#syncRollout(pass);
    const sizes = oldSizes(replicasOf(fresh), pass.old.map(replicasOf), desired, posts);
    const changed = pass.old.map((set, index) => [set, sizes[index] as number] as const).filter(([set, size]) => set.spec.replicas !== size);
    for (const [set, size] of changed) this.#resize(pass, set, size);
    if (changed.length === 0) this.#cleanUp(pass);
    this.#syncRollout(pass);
  }

  #recreate(pass: Pass): void {
    const live = pass.old.filter((set) => set.spec.replicas > 0);
    for (const set of live) this.#resize(pass, set, 0);
    if (live.length > 0 || this.#oldPodsRun(pass)) return this.#syncRollout(pass);
    this.#ensureFresh(pass, true);
    this.#resize(pass, pass.fresh as KubeObject, pass.deployment.spec.replicas);
    this.#cleanUp(pass);
    this.#syncRollout(pass);
  }

  #oldPodsRun({ deployment, old }: Pass): boolean {
    const uids = new Set(old.map((set) => set.metadata.uid));
    return this.objects
      .list('pods', deployment.metadata.namespace)
      .some((pod) => uids.has(controllerOf(pod)?.uid ?? '') && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  }

  #syncSizes(pass: Pass): void {
    this.#ensureFresh(pass, false);
    this.#scale(pass);
    if (pass.deployment.spec.paused) this.#cleanUp(pass);
    this.#writeStatus(pass, this.#plainStatus(pass));
  }

  #scale(pass: Pass): void {
    const rolling = pass.deployment.spec.strategy?.type !== 'Recreate';
    const sizes = scaledSizes({
      desired: desiredOf(pass),
      sets: all(pass),
      fresh: pass.fresh,
      surge: rolling ? pass.posts.surge : undefined,
      replicasBefore: pass.deployment.status?.replicas,
    });
    for (const [set, size] of sizes) this.#resize(pass, set, size);
  }

  /** The newest ReplicaSet with its number and annotations; made where it is missing and `create` says so. */
  #ensureFresh(pass: Pass, create: boolean): void {
    const revision = nextRevision(pass.old);
    if (pass.fresh !== undefined) this.#renumber(pass, pass.fresh, revision);
    else if (create) this.#create(pass, revision);
    const now = pass.fresh?.metadata.annotations?.[annotation.revision];
    if (now === undefined || pass.deployment.metadata.annotations?.[annotation.revision] === now) return;
    const copy = structuredClone(pass.deployment);
    copy.metadata.annotations = { ...copy.metadata.annotations, [annotation.revision]: now };
    pass.deployment = this.objects.updateStatus(deployments, copy);
  }

  #renumber(pass: Pass, fresh: KubeObject, revision: number): void {
    const { minReadySeconds = 0 } = pass.deployment.spec;
    const annotations = annotationsOf(pass.deployment, fresh, revision);
    const before = fresh.metadata.annotations ?? {};
    const same = Object.keys(annotations).length === Object.keys(before).length && Object.entries(annotations).every(([key, value]) => before[key] === value);
    if (!same || (fresh.spec.minReadySeconds ?? 0) !== minReadySeconds) {
      pass.fresh = this.#writeSet(fresh, (copy) => {
        copy.metadata.annotations = annotations;
        copy.spec.minReadySeconds = minReadySeconds;
      });
    }
    if (hasDeadline(pass.deployment) && conditions.find(conditionsOf(pass.deployment), 'Progressing') === undefined) {
      this.#writeConditions(pass, conditions.say(conditionsOf(pass.deployment), conditions.foundNewReplicaSet(fresh.metadata.name), this.#now()));
    }
  }

  #create(pass: Pass, revision: number): void {
    const { deployment, posts } = pass;
    const { name } = deployment.metadata;
    const desired: number = deployment.spec.replicas;
    const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount);
    const setName = `${name}-${hash}`;
    const size = deployment.spec.strategy?.type === 'Recreate' ? desired : newSize({ size: 0, available: 0 }, pass.old.map(replicasOf), desired, posts);
    const annotations = { ...annotationsOf(deployment, undefined, revision), ...sizeAnnotations(desired, posts.surge) };
    try {
      pass.fresh = this.objects.create(replicaSets, newReplicaSet(deployment, { name: setName, hash, size, annotations }));
    } catch (error) {
      return this.#createFailed(pass, setName, error);
    }
    if (size > 0) this.#sayScaled(deployment, setName, 0, size);
    if (hasDeadline(deployment)) {
      this.#writeConditions(pass, conditions.say(conditionsOf(deployment), conditions.newReplicaSetCreated(setName), this.#now()));
    }
  }

  #createFailed(pass: Pass, name: string, error: unknown): never {
    const { deployment } = pass;
    const { code, reason, message } = error as { code?: number; reason?: string; message: string };
    if (code === 409 && reason === 'AlreadyExists') {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      this.objects.updateStatus(deployments, { ...deployment, status: { ...deployment.status, collisionCount } });
    } else if (code !== undefined && hasDeadline(deployment)) {
      this.#writeConditions(pass, conditions.say(conditionsOf(deployment), conditions.createError(name, message), this.#now()));
    }
    throw error;
  }

  #resize(pass: Pass, set: KubeObject, size: number): boolean {
    const desired: number = pass.deployment.spec.replicas;
    const annotations = sizeAnnotations(desired, pass.posts.surge);
    const before: number = set.spec.replicas;
    const stale = Object.entries(annotations).some(([key, value]) => set.metadata.annotations?.[key] !== value);
    if (before === size && !stale) return false;
    const after = this.#writeSet(set, (copy) => {
      copy.spec.replicas = size;
      copy.metadata.annotations = { ...copy.metadata.annotations, ...annotations };
    });
    if (pass.fresh === set) pass.fresh = after;
    else pass.old = pass.old.map((one) => (one === set ? after : one));
    if (before !== size) this.#sayScaled(pass.deployment, set.metadata.name, before, size);
    return before !== size;
  }

  #sayScaled(deployment: KubeObject, name: string, from: number, to: number): void {
    const direction = to > from ? 'up' : 'down';
    this.#events.record(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${name} from ${from} to ${to}`,
    });
  }

  #cleanUp(pass: Pass): void {
    const limit = pass.deployment.spec.revisionHistoryLimit;
    if (limit === undefined || !(pass.deployment.spec.paused || isComplete(pass.deployment, this.#plainStatus(pass)))) return;
    for (const set of beyondHistory(pass.old, limit)) {
      this.objects.delete(replicaSets, set.metadata.namespace, set.metadata.name);
      pass.old = pass.old.filter((one) => one !== set);
    }
  }

  #sayPaused(pass: Pass): void {
    if (!hasDeadline(pass.deployment)) return;
    const now = conditionsOf(pass.deployment);
    const reason = conditions.find(now, 'Progressing')?.reason;
    if (reason === 'ProgressDeadlineExceeded') return;
    const isPaused = pass.deployment.spec.paused === true;
    if (isPaused && reason !== 'DeploymentPaused') this.#writeConditions(pass, conditions.say(now, conditions.paused, this.#now()));
    if (!isPaused && reason === 'DeploymentPaused') this.#writeConditions(pass, conditions.say(now, conditions.resumed, this.#now()));
  }

  #syncRollout(pass: Pass): void {
    const nowMs = this.scheduler.date().getTime();
    const status = rolloutStatusOf({ ...this.#statusInput(pass) }, nowMs);
    this.#writeStatus(pass, status);
    const late = deadlineInMs(pass.deployment, status.conditions, nowMs);
    if (late !== undefined && !isComplete(pass.deployment, status)) {
      this.#queue.add(keyOf(pass.deployment.metadata.namespace, pass.deployment.metadata.name), Math.max(0, late) + 1_000);
    }
  }

  #plainStatus(pass: Pass): DeploymentStatus {
    return statusOf(this.#statusInput(pass));
  }

  #statusInput(pass: Pass) {
    return { deployment: pass.deployment, sets: all(pass), fresh: pass.fresh, unavailable: pass.posts.unavailable, now: this.#now() };
  }

  #writeStatus(pass: Pass, status: DeploymentStatus): void {
    pass.deployment = this.objects.updateStatus(deployments, { ...pass.deployment, status });
  }

  #writeConditions(pass: Pass, next: DeploymentStatus['conditions']): void {
    if (next === conditionsOf(pass.deployment)) return;
    pass.deployment = this.objects.updateStatus(deployments, { ...pass.deployment, status: { ...pass.deployment.status, conditions: next } });
  }

  #writeSet(set: KubeObject, change: (copy: KubeObject) => void): KubeObject {
    const copy = structuredClone(set);
    change(copy);
    return this.objects.update(replicaSets, copy);
  }

  #now(): string {
    return timestamp(this.scheduler.date());
  }
}

const all = ({ fresh, old }: Pick<Pass, 'fresh' | 'old'>): KubeObject[] => (fresh === undefined ? old : [...old, fresh]);
const replicasOf = (set: KubeObject) => ({ size: set.spec.replicas as number, available: (set.status?.availableReplicas ?? 0) as number });
const desiredOf = ({ deployment }: Pass): number => deployment.spec.replicas;
const byAge = (a: KubeObject, b: KubeObject): number =>
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1);
