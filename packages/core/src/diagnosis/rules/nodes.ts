import type { Hint } from '../cause.js';
import type { Seen } from '../seen.js';

/** Machines that fail, where pods of the app are on them. */
export function nodeRule(seen: Seen): readonly Hint[] {
  return seen.all('node').flatMap(({ object, data, check }): readonly Hint[] => {
    const { pods, ready, message = '', pressure } = data;
    if (pods.length === 0) return [];
    const name = object.replace(/^Node /, '');
    if (ready !== 'True')
      return [
        {
          code: 'node-not-ready',
          object,
          summary: `node ${name} is not ready, with ${count(pods.length)} of the app on it`,
          evidence: [
            { summary: `${object}: Ready is ${ready}${message === '' ? '' : `: ${message}`}`, check },
            { summary: `on it: ${pods.map((pod) => `Pod ${pod}`).join(', ')}`, check: `kubectl get pods -n ${seen.app.namespace} -o wide` },
          ],
          confidence: 'certain',
          fix: 'bring the node back; its pods are replaced on others five minutes after it was lost',
          next: check,
        },
      ];
    if (pressure.length === 0 || seen.unwell.length === 0) return [];
    return [
      {
        code: 'node-pressure',
        object,
        summary: `node ${name} is short of ${pressure.join(', ')}`,
        evidence: [{ summary: `${object} has ${pressure.join(', ')}, with ${count(pods.length)} of the app on it`, check }],
        confidence: 'likely',
        fix: 'free the node of what uses it up, or add a node',
        next: check,
      },
    ];
  });
}

const count = (pods: number): string => (pods === 1 ? '1 pod' : `${pods} pods`);

/** Pods that were taken from the app by the machine: evicted, preempted, shut down. */
export function failedPodRule(seen: Seen): readonly Hint[] {
  return seen.pods.flatMap(({ object, data, check }): readonly Hint[] => {
    if (data.phase !== 'Failed') return [];
    const said = [data.reason, data.message].filter((each) => each !== undefined && each !== '').join(': ');
    return [
      {
        code: 'pod-failed',
        object,
        summary: `the pod was ended by the cluster${said === '' ? '' : `: ${said}`}`,
        evidence: [{ summary: `${object} is Failed${said === '' ? '' : `: ${said}`}`, check }],
        confidence: seen.all('workload').some(({ data: { ready, replicas } }) => ready < replicas) ? 'likely' : 'possible',
        fix: 'see what the node lacked; another pod is made in its place',
        next: check,
      },
    ];
  });
}
