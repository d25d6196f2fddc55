import { type Actions, invalidOptions, type PortContext, type WriteContext } from '@shepherd/core';
import { nearNames } from '../api/kubeconfig/near.js';
import { type Cluster, checkFence, translated } from '../cluster.js';
import { names, restartedAtAnnotation } from '../names.js';
import { annotation, type Deployment, ownedBy, type Pod, paths, type ReplicaSet } from '../objects.js';
import type { KubeRelease } from '../options.js';
import { mustHave } from '../preflight/access.js';
import { eviction } from '../preflight/rights.js';
import { readWorkload } from '../workload.js';
import { evictPod } from './eviction.js';

/** Restarts as `kubectl rollout restart` does, evicts through the API of budgets, scales the Deployment that serves. */
export class KubeActions implements Actions {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  restarted(context: PortContext, at: string): Promise<KubeRelease> {
    return translated(context, `read ${context.app.name}`, async () => {
      const { stable } = await readWorkload(this.#cluster.at(context), context.app, context.signal);
      const images = stable.spec.template.spec.containers.map(({ image = '' }) => image);
      return { version: images.join(', '), patch: { metadata: { annotations: { [restartedAtAnnotation]: at } } } };
    });
  }

  mayEvict(context: PortContext, pod: string): Promise<void> {
    return translated(context, `ask whether pod ${pod} may be evicted`, async () => {
      const own = await this.#pods(context);
      if (!own.includes(pod)) {
        const near = nearNames(pod, own);
        throw invalidOptions([
          { path: 'pod', got: pod, expected: `a pod of ${context.app.name}: ${(near.length > 0 ? near : own).slice(0, 5).join(', ') || 'it has none'}` },
        ]);
      }
      await mustHave(this.#cluster, context, eviction);
      await evictPod(this.#cluster, context, pod, true);
    });
  }

  evict(context: WriteContext, pod: string): Promise<void> {
    return translated(context, `evict pod ${pod}`, async () => {
      // An eviction has no version to be held to: the fence is asked for right before.
      const { stable } = await readWorkload(this.#cluster, context.app, context.signal);
      checkFence(context, stable);
      const found = await this.#cluster.find<Pod>(paths.pods(context.app.namespace, pod), context.signal);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      await evictPod(this.#cluster, context, pod, false);
    });
  }

  scale(context: WriteContext, replicas: number): Promise<void> {
    return translated(context, `scale ${context.app.name} to ${replicas}`, async () => {
      const { stable, namespace } = await readWorkload(this.#cluster, context.app, context.signal);
      await this.#cluster.change<Deployment>(context, paths.deployments(namespace, stable.metadata.name), (current) => {
        // This is R from now on: what an older rollout wrote down of it is over.
        const annotations = { [names.replicas]: null, [names.desired]: null };
        const isSo = current.spec.replicas === replicas && Object.keys(annotations).every((name) => annotation(current, name) === undefined);
        return isSo ? undefined : { metadata: { annotations }, spec: { replicas } };
      });
    });
  }

  async #pods({ app, signal }: PortContext): Promise<readonly string[]> {
    const { stable, candidate } = await readWorkload(this.#cluster, app, signal);
    const [{ items: sets }, { items: pods }] = await Promise.all([
      this.#cluster.api.list<ReplicaSet>(paths.replicaSets(app.namespace), { signal }),
      this.#cluster.api.list<Pod>(paths.pods(app.namespace), { signal }),
    ]);
    const own = sets.filter((set) => ownedBy(set, stable.metadata.uid) || ownedBy(set, candidate?.metadata.uid));
    return pods
      .filter((pod) => pod.metadata.deletionTimestamp === undefined && own.some(({ metadata }) => ownedBy(pod, metadata.uid)))
      .map(({ metadata }) => metadata.name);
  }
}
