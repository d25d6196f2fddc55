import { type PortContext, ShepherdError } from '@shepherd/core';
import { KubeError } from '../api/index.js';
import type { Cluster } from '../cluster.js';
import { paths } from '../objects.js';

interface Status {
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: { readonly causes?: readonly { readonly reason?: string | undefined; readonly message?: string | undefined }[] | undefined } | undefined;
}

function statusOf(text: string): Status {
  try {
    const status = JSON.parse(text) as unknown;
    return typeof status === 'object' && status !== null ? (status as Status) : {};
  } catch {
    return { message: text.slice(0, 300) };
  }
}

/**
 * Asks for the eviction of one pod, once: a refusal by a budget is an answer, where a client that retries would wait it out. `dryRun`: whether it would be
 * granted. A pod that is gone is a success. @throws ShepherdError ERR_EVICTION_REFUSED; KubeError
 */
export async function evictPod({ api }: Cluster, { app, signal }: PortContext, pod: string, dryRun: boolean): Promise<void> {
  const path = `${paths.pods(app.namespace, pod)}/eviction`;
  const { status, text } = await api.raw('POST', path, {
    signal,
    headers: { 'content-type': 'application/json' },
    query: dryRun ? { dryRun: 'All' } : {},
    body: JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: app.namespace },
      ...(dryRun ? { deleteOptions: { dryRun: ['All'] } } : {}),
    }),
  });
  if ((status >= 200 && status < 300) || status === 404) return;
  const said = statusOf(text);
  const cause = said.details?.causes?.find(({ reason }) => reason === 'DisruptionBudget');
  // A pod under two budgets is a 500 (KC HP-5).
  const isBudget = cause !== undefined || /disruption budget/i.test(said.message ?? '');
  if (isBudget) throw refused(pod, cause?.message ?? said.message ?? '');
  throw new KubeError({ method: 'POST', path }, said.message ?? 'no explanation', { status, reason: said.reason ?? `HTTP ${status}` });
}

function refused(pod: string, reason: string): ShepherdError {
  const budget = /disruption budget (\S+)/i.exec(reason)?.[1];
  return new ShepherdError('ERR_EVICTION_REFUSED', `pod ${pod} may not be evicted now: ${reason || 'a disruption budget does not allow it'}`, {
    facts: { pod, reason, ...(budget === undefined ? {} : { budget }) },
    remedy: 'wait until the other pods are well, or run one more pod than the budget needs; restart without --pod replaces all pods and adds before it takes',
    retryable: false,
  });
}
