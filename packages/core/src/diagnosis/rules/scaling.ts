import type { Hint } from '../cause.js';
import type { Seen } from '../seen.js';

/** Autoscalers that would do more, or cannot see. */
export function autoscalerRule(seen: Seen): readonly Hint[] {
  return seen.all('autoscaler').flatMap(({ object, data, check }): readonly Hint[] => {
    const { max, current, wanted, limited, active, message = '' } = data;
    if (limited && wanted >= max && current >= max)
      return [
        {
          code: 'autoscaler-at-max',
          object,
          summary: `${object} has all ${max} pods that it may have, and would make more`,
          evidence: [{ summary: `${object}: ${current} pods, at most ${max}${message === '' ? '' : `; ${message}`}`, check }],
          confidence: 'certain',
          fix: 'raise maxReplicas, or find what uses the pods up',
          next: check,
        },
      ];
    if (active) return [];
    return [
      {
        code: 'autoscaler-blind',
        object,
        summary: `${object} cannot read what it scales by, and leaves the app at ${current} pods`,
        evidence: [{ summary: `${object}: ${message === '' ? 'not active' : message}`, check }],
        confidence: 'certain',
        fix: 'bring the metrics back: metrics-server, or whoever serves them; pods need requests for a share of them',
        next: check,
      },
    ];
  });
}

/** Budgets that let no pod go although all are well: no drain of a node ends. */
export function budgetRule(seen: Seen): readonly Hint[] {
  return seen.all('budget').flatMap(({ object, data, check }): readonly Hint[] => {
    const { allowed, healthy, needed, pods } = data;
    if (allowed > 0 || pods === 0 || healthy < pods) return [];
    return [
      {
        code: 'budget-blocks',
        object,
        summary: `${object} lets no pod be evicted, although all ${pods} are well: a node with one of them cannot be drained`,
        evidence: [{ summary: `${object}: ${healthy} healthy pods, ${needed} must stay, 0 may go`, check }],
        confidence: 'certain',
        fix: 'run one more pod than the budget needs, or let it need one less',
        next: check,
      },
    ];
  });
}

/** Workloads that somebody stopped. */
export function stoppedRule(seen: Seen): readonly Hint[] {
  return seen.all('workload').flatMap(({ object, data, check }): readonly Hint[] => {
    if (data.paused && data.updated < data.replicas)
      return [
        {
          code: 'paused',
          object,
          summary: `${object} is paused: its change waits, ${data.updated} of ${data.replicas} pods have it`,
          evidence: [{ summary: `${object}: spec.paused is true, ${data.updated} of ${data.replicas} pods updated`, check }],
          confidence: 'certain',
          fix: 'resume it, or take the change back',
          next: `kubectl rollout resume -n ${seen.app.namespace} ${object.toLowerCase().replace(' ', '/')}`,
        },
      ];
    if (data.replicas > 0 || seen.pods.length > 0) return [];
    return [
      {
        code: 'scaled-to-zero',
        object,
        summary: `${object} wants no pods`,
        evidence: [{ summary: `${object}: 0 replicas wanted`, check }],
        confidence: 'certain',
        fix: 'scale it up',
        next: `shepherd scale ${seen.name} 2`,
      },
    ];
  });
}

const nearlyAll = 0.95;

/** Pods that use all the CPU they may. */
export function cpuRule(seen: Seen): readonly Hint[] {
  return seen.all('usage').flatMap(({ object, data, check }): readonly Hint[] => {
    const { cpu, cpuLimit } = data;
    if (cpuLimit === undefined || cpuLimit === 0 || cpu < cpuLimit * nearlyAll) return [];
    return [
      {
        code: 'cpu-at-limit',
        object,
        summary: `the pod uses all the CPU it may (${cpu}m of ${cpuLimit}m), and is slowed down`,
        evidence: [{ summary: `${object} uses ${cpu}m of ${cpuLimit}m`, check }],
        confidence: 'likely',
        fix: 'raise the limit, or run more pods',
        next: `shepherd scale ${seen.name} NUMBER`,
      },
    ];
  });
}
