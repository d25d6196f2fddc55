import type { CauseCode, Hint } from '../cause.js';
import type { Seen } from '../seen.js';

interface Refusal {
  readonly code: CauseCode;
  readonly summary: string;
  readonly fix: string;
  readonly quota?: string | undefined;
}

/** Why pods may not be made, by the words of the API server. Pure. */
export function refusalOf(message: string): Refusal {
  const quota = /(?:exceeded|failed) quota: ([^,:\s]+)/.exec(message)?.[1];
  if (quota !== undefined)
    return /failed quota/.test(message)
      ? {
          code: 'quota-exceeded',
          summary: `quota ${quota} wants every pod to say what it needs`,
          fix: 'give the containers the requests and limits that the message names',
          quota,
        }
      : {
          code: 'quota-exceeded',
          summary: `quota ${quota} has no room for another pod`,
          fix: 'raise the quota, or scale something down in the namespace',
          quota,
        };
  const broken = /failed calling webhook "([^"]+)"/.exec(message)?.[1];
  if (broken !== undefined)
    return {
      code: 'webhook-unreachable',
      summary: `webhook ${broken} has to be asked before a pod is made, and does not answer`,
      fix: 'bring the webhook up again; it is not the fault of the app',
    };
  const webhook = /admission webhook "([^"]+)" denied the request/.exec(message)?.[1];
  if (webhook !== undefined)
    return {
      code: 'admission-refused',
      summary: `webhook ${webhook} refuses the pods`,
      fix: 'make the pods comply with what the webhook says, or have its owner allow them',
    };
  const account = /service ?account "?([^\s"]+)"? not found/i.exec(message)?.[1];
  if (account !== undefined)
    return {
      code: 'service-account-missing',
      summary: `there is no ServiceAccount ${account}, as whom the pods shall run`,
      fix: 'make the ServiceAccount, or name another one',
    };
  return { code: 'admission-refused', summary: 'the cluster refuses to make the pods', fix: 'make the pods comply with what the message says' };
}

/** Workloads whose pods are refused. */
export function creationRule(seen: Seen): readonly Hint[] {
  return seen.all('workload').flatMap(({ object, data, check }) => {
    if (data.refused === undefined) return [];
    const { code, summary, fix, quota } = refusalOf(data.refused);
    const full = seen.all('quota').find((each) => each.object === `ResourceQuota ${quota}`);
    const table =
      full === undefined
        ? ''
        : Object.entries(full.data.hard)
            .map(([key, hard]) => `${key} ${full.data.used[key] ?? '0'} of ${hard}`)
            .join(', ');
    const hint: Hint = {
      code,
      object,
      summary,
      evidence: [
        { summary: `${object} has ${data.made} of ${data.replicas} pods: ${data.refused}`, check },
        ...(full === undefined ? [] : [{ summary: `${full.object}: ${table}`, check: full.check }]),
      ],
      confidence: 'certain',
      fix,
      next: full?.check ?? check,
    };
    return [hint];
  });
}
