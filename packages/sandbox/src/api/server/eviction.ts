import { budgetOf, isReady } from '../budget.js';
import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { Registry } from '../registry.js';
import { matchesSelector } from '../selectors.js';
import { StatusError } from '../status-error.js';
import { json } from './answer.js';
import { readObject } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { decodeBody, writeQueryOf } from './write-options.js';

const MESSAGE = "Cannot evict pod as it would violate the pod's disruption budget.";

const tooMany = (why: string): StatusError => new StatusError(429, 'TooManyRequests', MESSAGE, { causes: [{ reason: 'DisruptionBudget', message: why }] });

/** A pod that serves nobody needs nobody's leave. */
const needsNoBudget = ({ metadata, status }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined || ['Failed', 'Pending', 'Succeeded'].includes(status?.phase);

/** @throws StatusError 429 where the budget of the pod has nothing left, 500 with several budgets */
function checkBudget(registry: Registry, pod: KubeObject): void {
  const { store } = registry;
  const { namespace, labels } = pod.metadata;
  const [pdb, second] = store.list('poddisruptionbudgets.policy', namespace).filter(({ spec }) => matchesSelector(spec.selector, labels));
  if (second) {
    throw new StatusError(500, 'InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  }
  if (!pdb) return;
  const budget = budgetOf(store, pdb);
  const ready = isReady(pod);
  if (!ready && (pdb.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (budget.currentHealthy >= budget.desiredHealthy && budget.desiredHealthy > 0)))
    return;
  if (budget.disruptionsAllowed > 0) return;
  const { name } = pdb.metadata;
  throw tooMany(`The disruption budget ${name} needs ${budget.desiredHealthy} healthy pods and has ${budget.currentHealthy} currently`);
}

/** `POST pods/NAME/eviction`: a delete that asks the disruption budgets first. */
export async function evict(context: ServerContext, call: Call): Promise<Response> {
  const { registry, writes } = context;
  const { info, namespace, name = '', request } = call;
  const query = writeQueryOf(call);
  const { object } = decodeBody(info, (await readObject(request, 'Eviction')) ?? {}, query.validation, 'Eviction');
  const options: Wire = object.deleteOptions ?? {};
  const pod = registry.need(info, namespace, name);
  if (!needsNoBudget(pod)) checkBudget(registry, pod);
  const dryRun = query.dryRun || (options.dryRun ?? []).includes('All');
  writes.counted(registry, info, () =>
    registry.delete(info, namespace, name, {
      dryRun,
      grace: options.gracePeriodSeconds,
      uid: options.preconditions?.uid,
      resourceVersion: options.preconditions?.resourceVersion,
    }),
  );
  return json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201);
}
