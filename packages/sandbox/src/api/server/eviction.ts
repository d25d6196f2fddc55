import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { isReady } from '../pod-ready.js';
import { matchesSelector } from '../selectors.js';
import { StatusError } from '../status-error.js';
import { type Answer, json } from './answer.js';
import { readObject } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { decodeBody, writeQueryOf } from './write-options.js';

const MESSAGE = "Cannot evict pod as it would violate the pod's disruption budget.";
const BUDGETS = 'poddisruptionbudgets.policy';
/** For a budget whose status is behind its spec. */
const AGAIN_SECONDS = 10;

const tooMany = (why: string, retryAfterSeconds?: number): StatusError =>
  new StatusError(429, 'TooManyRequests', MESSAGE, {
    causes: [{ reason: 'DisruptionBudget', message: why }],
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

/** A pod that serves nobody needs nobody's leave. */
const needsNoBudget = ({ metadata, status }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined || ['Failed', 'Pending', 'Succeeded'].includes(status?.phase);

/**
 * Takes one eviction out of the budget of the pod: its status is what counts, the disruption controller keeps it true.
 * @throws StatusError 429 where nothing is left or the status is behind, 500 with several budgets
 */
function takeFromBudget({ registry }: ServerContext, pod: KubeObject, dryRun: boolean): void {
  const { store } = registry;
  const { namespace, labels, name } = pod.metadata;
  const [pdb, second] = store.list(BUDGETS, namespace).filter(({ spec }) => matchesSelector(spec.selector, labels));
  if (second) {
    throw new StatusError(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  }
  if (!pdb) return;
  const { status } = pdb;
  if (!isReady(pod)) {
    const healthy = status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
    if (pdb.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || healthy) return;
  }
  const budget = pdb.metadata.name;
  if ((status.observedGeneration ?? 0) < (pdb.metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${budget} is still being processed by the server.`, AGAIN_SECONDS);
  }
  if (status.disruptionsAllowed <= 0) {
    throw tooMany(`The disruption budget ${budget} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`);
  }
  if (dryRun) return;
  const disruptedPods = { ...status.disruptedPods, [name]: registry.now() };
  const next = { ...pdb, status: { ...status, disruptionsAllowed: status.disruptionsAllowed - 1, disruptedPods } };
  registry.update(registry.resources.get(BUDGETS), next, { subresource: 'status' });
}

/** `POST pods/NAME/eviction`: a delete that asks the disruption budgets first. */
export async function evict(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, namespace, name = '', request } = call;
  const query = writeQueryOf(call);
  const { object } = decodeBody(info, (await readObject(request, 'Eviction')) ?? {}, query.validation, 'Eviction');
  const options: Wire = object.deleteOptions ?? {};
  const pod = registry.need(info, namespace, name);
  const dryRun = query.dryRun || (options.dryRun ?? []).includes('All');
  if (!needsNoBudget(pod)) takeFromBudget(context, pod, dryRun);
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
