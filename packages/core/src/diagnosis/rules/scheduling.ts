import type { CauseCode, Hint } from '../cause.js';
import type { Seen } from '../seen.js';

const nodeLabels = /node affinity|node selector|affinity\/selector/i;

/**
 * What keeps a pod off a node, in the order in which a scheduler looks: whoever fails later has passed what comes before, so the last of these is what is nearest
 * to letting the pod in.
 */
const filters: readonly (readonly [CauseCode, RegExp, fix: string])[] = [
  ['node-not-ready', /node\.kubernetes\.io\/(?:not-ready|unreachable)|node\(s\) were not ready/i, 'bring the nodes back, or add others'],
  ['unschedulable-cordon', /node\(s\) were unschedulable|node\.kubernetes\.io\/unschedulable/i, 'uncordon a node, or add one'],
  [
    'unschedulable-taint',
    // From 1.34 on without saying which.
    /untolerated taint(?:\(s\)| \{(?!node\.kubernetes\.io))|taints? that the pod didn't tolerate/i,
    'give the pods a toleration for the taint, or take it off a node',
  ],
  ['unschedulable-affinity', nodeLabels, 'label a node as the pods ask for, or correct their nodeSelector or affinity'],
  ['unschedulable-resources', /Insufficient \S+|Too many pods|free ports/i, 'lower what the pods request, free something, or add a node'],
  ['unschedulable-volume', /volume|persistentvolumeclaim/i, 'see the claims of the pods: an unbound one, or a volume in another zone'],
  ['unschedulable-affinity', /pod (?:anti-?)?affinity|topology spread|affinity rules/i, 'let more pods share a node, or add nodes'],
];

/** Why no node takes a pod: of all that is said, the filter that was passed last. Pure. */
export function placementOf(message: string, fitting = 0): readonly [CauseCode, fix: string] {
  const said = message.split(/\bpreemption:/i)[0] ?? '';
  // Where some node has the labels, those that lack them are not what keeps the pod out.
  const found = filters.filter(([, pattern]) => fitting === 0 || pattern !== nodeLabels).findLast(([, pattern]) => pattern.test(said));
  return found === undefined ? ['unschedulable', 'see what the scheduler says'] : [found[0], found[2]];
}

/** How long a pod may wait for a node that an autoscaler of nodes brings. */
const patienceS = 300;

/** Pods that no node takes. */
export function schedulingRule(seen: Seen): readonly Hint[] {
  return seen.pods.flatMap(({ object, data, check }) => {
    if (data.unplaced === undefined) return [];
    const [code, fix] = placementOf(data.unplaced, data.fitting);
    const grows = seen.notesOf(object, /^TriggeredScaleUp/).at(-1);
    const hint: Hint = {
      code,
      object,
      summary: `no node takes the pod: ${(data.unplaced.split(/\.?\s*(?:no new claims|preemption:)/i)[0] ?? '').trim()}`,
      evidence: [
        { summary: `${object} is Pending: ${data.unplaced}`, check },
        ...(grows === undefined ? [] : [{ summary: `a node was asked for: ${grows.data.message}`, check: grows.check }]),
      ],
      confidence: grows !== undefined && data.age < patienceS ? 'possible' : code === 'unschedulable' ? 'likely' : 'certain',
      fix,
      next: 'kubectl get nodes -o wide',
    };
    return [hint];
  });
}
