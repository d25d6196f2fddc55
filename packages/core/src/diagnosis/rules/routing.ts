import type { CheckableEvidence, Hint } from '../cause.js';
import type { Seen } from '../seen.js';

/** Services that reach no pod, or the wrong port of them. */
export function routingRule(seen: Seen): readonly Hint[] {
  const readyPods = seen.pods.filter(({ data }) => data.ready);
  return seen.all('service').flatMap(({ object, data, check }): readonly Hint[] => {
    if (data.selected === 0 && seen.pods.length > 0)
      return [
        {
          code: 'selector-mismatch',
          object,
          summary: `${object} selects no pod: ${data.differs.join('; ') || 'its selector matches nothing'}`,
          evidence: [{ summary: `${object} selects 0 pods; ${data.differs.join('; ') || 'no pod has its labels'}`, check }],
          confidence: 'certain',
          fix: 'make the selector of the Service and the labels of the pods agree',
          next: check,
        },
      ];
    const unknown = data.unknown.filter((port) => !/^\d+$/.test(port));
    const closed = seen
      .all('answer')
      .filter(({ data: answer }) => answer.role === 'target' && !answer.open && data.targets.includes(answer.port) && isReady(seen, answer.pod));
    const opened = seen.all('answer').find(({ data: answer }) => answer.open && !data.targets.includes(answer.port));
    const evidence: readonly CheckableEvidence[] = [
      ...unknown.map((port) => ({
        summary: `${object} sends to port ${port}, which no container names; they name ${data.declared.join(', ') || 'none'}`,
        check,
      })),
      ...closed.map(({ data: answer, check: own }) => ({
        summary: `Pod ${answer.pod} is ready, and its port ${answer.port}, to which ${object} sends, is closed: ${answer.said ?? ''}`,
        check: own,
      })),
      ...(closed.length > 0 && opened !== undefined ? [{ summary: `Pod ${opened.data.pod} listens on port ${opened.data.port}`, check: opened.check }] : []),
    ];
    const [first, ...rest] = evidence;
    if (first === undefined || readyPods.length === 0) return [];
    return [
      {
        code: 'port-mismatch',
        object,
        summary: `${object} sends to ${unknown[0] === undefined ? `port ${closed[0]?.data.port}, where the pods do not listen` : `port ${unknown[0]}, which no container names`}`,
        evidence: [first, ...rest],
        confidence: 'certain',
        fix: 'correct the targetPort of the Service',
        next: check,
      },
    ];
  });
}

const isReady = (seen: Seen, pod: string): boolean => seen.pods.some(({ object, data }) => object === `Pod ${pod}` && data.ready);
