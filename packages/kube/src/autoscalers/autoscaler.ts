import type { Autoscaler, Finding, PortContext, WriteContext } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import { type Cluster, translated } from '../cluster.js';
import { type Hpa, paths, type ScaledObject } from '../objects.js';
import { mayWrite } from '../preflight/access.js';
import { workloadOf } from '../state/fence-workload.js';
import { readWorkload } from '../workload.js';
import { heldHpa, releasedHpa } from './hpa.js';
import { pausedScaledObject, resumedScaledObject } from './scaled-object.js';

type Found =
  | { readonly kind: 'HorizontalPodAutoscaler'; readonly object: Hpa; readonly path: string }
  | { readonly kind: 'ScaledObject'; readonly object: ScaledObject; readonly path: string };

/** A cluster without the kind is asked again after a while. */
const askAgainMs = 60_000;

/** HPAs, and ScaledObjects of KEDA: where there is one, it owns the HPA, so it alone is changed. */
export class KubeAutoscaler implements Autoscaler {
  readonly #cluster: Cluster;
  #noKedaUntilMs = Number.NEGATIVE_INFINITY;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  read(context: PortContext): Promise<{ readonly min: number; readonly max: number } | undefined> {
    return translated(context, `read the autoscaler of ${context.app.name}`, async () => {
      const [found] = await this.#find(context, await this.#stable(context));
      if (found === undefined) return undefined;
      if (found.kind === 'ScaledObject') return { min: found.object.spec.minReplicaCount ?? 0, max: found.object.spec.maxReplicaCount ?? 100 };
      return { min: found.object.spec.minReplicas ?? 1, max: found.object.spec.maxReplicas };
    });
  }

  hold(context: WriteContext): Promise<unknown> {
    return translated(context, `hold the autoscaler of ${context.app.name}`, async () => {
      const stable = await this.#stable(context);
      const [found] = await this.#find(context, stable);
      if (found === undefined) return undefined;
      const { kind, path, object } = found;
      const original =
        kind === 'ScaledObject'
          ? await pausedScaledObject(this.#cluster, context, path)
          : await heldHpa(this.#cluster, context, path, stable.spec.replicas ?? 1);
      return { kind, name: object.metadata.name, ...original };
    });
  }

  release(context: WriteContext, held: unknown): Promise<void> {
    return translated(context, `release the autoscaler of ${context.app.name}`, async () => {
      for (const { kind, path } of await this.#find(context, await this.#stable(context))) {
        if (kind === 'ScaledObject') await resumedScaledObject(this.#cluster, context, path, held);
        else await releasedHpa(this.#cluster, context, path, held);
      }
    });
  }

  /** The fence of a new holder of the lock; who may not write autoscalers never holds one. @throws ShepherdError ERR_LOCK_LOST */
  fence(context: WriteContext): Promise<void> {
    return translated(context, `take over the autoscaler of ${context.app.name}`, async () => {
      const workload = await workloadOf(this.#cluster, context);
      if (workload === undefined) return;
      for (const { kind, path } of await this.#find(context, workload.stable)) {
        await this.#cluster.fence(context, path, { type: kind === 'ScaledObject' ? 'merge' : 'strategic', optional: true });
      }
    });
  }

  /** What would keep a rollout from holding it. Reads only. */
  lint(context: PortContext): Promise<readonly Finding[]> {
    return translated(context, `read the autoscaler of ${context.app.name}`, async () => {
      const all = await this.#find(context, await this.#stable(context));
      const [found, second] = all;
      if (found === undefined) return [];
      const object = `${found.kind} ${found.object.metadata.name}`;
      const resource = found.kind === 'ScaledObject' ? (['keda.sh', 'scaledobjects'] as const) : (['autoscaling', 'horizontalpodautoscalers'] as const);
      return [
        ...((await mayWrite(this.#cluster, context, resource))
          ? []
          : [
              {
                id: 'rights',
                level: 'error' as const,
                object,
                message: `not allowed to patch ${resource[1]}.${resource[0]}, so that ${object} cannot be held while the rollout runs`,
                fix: `allow patch on ${resource[1]}.${resource[0]}, or use the rolling strategy`,
              },
            ]),
        ...(second === undefined
          ? []
          : [
              {
                id: 'two-autoscalers',
                level: 'error' as const,
                object,
                message: `${all.map((each) => `${each.kind} ${each.object.metadata.name}`).join(' and ')} move the same pods`,
                fix: 'keep one of them',
              },
            ]),
        ...(found.kind === 'ScaledObject'
          ? [
              {
                id: 'autoscaler-paused',
                level: 'warning' as const,
                object,
                message: `${object} is paused while the rollout runs: nothing adds pods when the load grows`,
                fix: 'release when the load is steady',
              },
            ]
          : []),
      ];
    });
  }

  async #stable(context: PortContext) {
    return (await readWorkload(this.#cluster.at(context), context.app, context.signal)).stable;
  }

  /** Those that move this Deployment; one that another owns is left out. */
  async #find(context: PortContext, { metadata: { name } }: { readonly metadata: { readonly name: string } }): Promise<readonly Found[]> {
    const { app, signal, clock } = context;
    const { api } = this.#cluster.at(context);
    const targets = ({ spec: { scaleTargetRef: ref } }: Hpa | ScaledObject): boolean => (ref.kind ?? 'Deployment') === 'Deployment' && ref.name === name;
    const asksKeda = clock.monotonicMs() >= this.#noKedaUntilMs;
    const [hpas, scaledObjects] = await Promise.all([
      readable(async () => (await api.list<Hpa>(paths.autoscalers(app.namespace), { signal })).items),
      asksKeda ? readable(async () => (await api.list<ScaledObject>(paths.scaledObjects(app.namespace), { signal })).items) : ('none' as const),
    ]);
    if (asksKeda && scaledObjects === 'none') this.#noKedaUntilMs = clock.monotonicMs() + askAgainMs;
    const keda = listed(scaledObjects).filter(targets);
    const owned = ({ metadata: { ownerReferences = [] } }: Hpa): boolean => ownerReferences.some(({ kind }) => kind === 'ScaledObject');
    return [
      ...keda.map((object): Found => ({ kind: 'ScaledObject', object, path: paths.scaledObjects(app.namespace, object.metadata.name) })),
      ...listed(hpas)
        .filter((hpa) => targets(hpa) && !(owned(hpa) && keda.length > 0))
        .map((object): Found => ({ kind: 'HorizontalPodAutoscaler', object, path: paths.autoscalers(app.namespace, object.metadata.name) })),
    ];
  }
}

const listed = <T>(items: readonly T[] | 'none'): readonly T[] => (items === 'none' ? [] : items);

/** Who may not read them is told by preflight; a cluster without the kind has none. */
async function readable<T>(list: () => Promise<readonly T[]>): Promise<readonly T[] | 'none'> {
  try {
    return await list();
  } catch (error) {
    if (KubeError.is(error, 403) || KubeError.is(error, 404)) return 'none';
    throw error;
  }
}
