import { budgetOf } from '../../api/budget.js';
import type { KubeObject, Objects } from '../../api/objects.js';
import { matchesSelector } from '../../api/selectors.js';
import { timestamp } from '../../api/timestamp.js';
import type { Scheduler } from '../../scheduler.js';
import { conditionOf } from '../pod-facts.js';
import { keyOf, splitKey, WorkQueue } from '../work-queue.js';

const budgets = 'poddisruptionbudgets.policy';
/** An eviction that was granted and after so long has not led to a deletion counts no more. */
const grantedMs = 120_000;

/** Keeps the status of each PodDisruptionBudget true: how many of its pods are healthy, and how many may be evicted. */
export class DisruptionController {
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[];

  constructor(
    readonly objects: Objects,
    readonly scheduler: Scheduler,
  ) {
    this.#queue = new WorkQueue(scheduler, (key) => this.#reconcile(key));
    this.#stops = [
      objects.watch(budgets, ({ object }) => this.#queue.add(keyOf(object.metadata.namespace, object.metadata.name))),
      objects.watch('pods', ({ object, previous }) => {
        for (const pdb of objects.list(budgets, object.metadata.namespace)) {
          const { selector } = pdb.spec;
          const concerns = matchesSelector(selector, object.metadata.labels) || (previous !== undefined && matchesSelector(selector, previous.metadata.labels));
          if (concerns) this.#queue.add(keyOf(pdb.metadata.namespace, pdb.metadata.name));
        }
      }),
      // their replicas say how many pods are expected
      ...['deployments.apps', 'replicasets.apps', 'statefulsets.apps'].map((resource) =>
        objects.watch(resource, ({ object, previous }) => {
          if (object.spec?.replicas === previous?.spec?.replicas) return;
          for (const pdb of objects.list(budgets, object.metadata.namespace)) this.#queue.add(keyOf(pdb.metadata.namespace, pdb.metadata.name));
        }),
      ),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pdb = this.objects.get(budgets, namespace, name);
    if (pdb === undefined) return;
    const leaving = this.#leaving(pdb, key);
    const budget = budgetOf(this.objects, pdb, Object.keys(leaving));
    const { generation } = pdb.metadata;
    const { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods } = budget;
    const allowed = disruptionsAllowed > 0;
    const before = conditionOf(pdb, 'DisruptionAllowed');
    const status = allowed ? 'True' : 'False';
    const condition = {
      type: 'DisruptionAllowed',
      status,
      observedGeneration: generation,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(this.scheduler.date()),
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    };
    this.objects.updateStatus(budgets, {
      ...pdb,
      status: {
        observedGeneration: generation,
        ...(Object.keys(leaving).length > 0 && { disruptedPods: leaving }),
        disruptionsAllowed,
        currentHealthy,
        desiredHealthy,
        expectedPods,
        conditions: [condition],
      },
    });
  }

  /** Granted evictions whose pods are still there and untouched. */
  #leaving(pdb: KubeObject, key: string): Record<string, string> {
    const nowMs = this.scheduler.date().getTime();
    const granted = Object.entries((pdb.status?.disruptedPods ?? {}) as Record<string, string>).filter(([name, at]) => {
      const pod = this.objects.get('pods', pdb.metadata.namespace, name);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return false;
      const leftMs = Date.parse(at) + grantedMs - nowMs;
      if (leftMs > 0) this.#queue.add(key, leftMs);
      return leftMs > 0;
    });
    return Object.fromEntries(granted);
  }
}
