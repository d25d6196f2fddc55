import type { Hint, SomeEvidence } from '../cause.js';
import type { Container, Seen } from '../seen.js';

const why = ({ data: { reason, state, name, age } }: Container): string =>
  `container ${name} is ${reason ?? state}${age === undefined ? '' : ` for ${Math.round(age)} s`}, and not ready`;

/** Workloads that made no progress for longer than they may: named last, since it says that something is wrong and not what. */
export function deadlineRule(seen: Seen): readonly Hint[] {
  return seen.all('workload').flatMap(({ object, data, check }): readonly Hint[] => {
    if (data.late === undefined || (data.ready >= data.replicas && data.updated >= data.replicas)) return [];
    const stuck = seen.containers.filter(({ data: { ready } }) => !ready);
    return [
      {
        code: 'progress-deadline',
        object,
        summary: `${object} made no progress for longer than its progressDeadlineSeconds`,
        evidence: [
          { summary: `${object}: ${data.late}`, check },
          ...stuck.slice(0, 2).map((each) => ({ summary: `Pod ${each.data.pod}: ${why(each)}`, check: each.check })),
        ],
        confidence: 'certain',
        fix: 'see why its pods do not get ready, or allow more time',
        next: `shepherd rollback ${seen.name}`,
      },
    ];
  });
}

/** Nothing is wrong, and not all is there yet. */
export function startingRule(seen: Seen): readonly Hint[] {
  const behind = seen.all('workload').filter(({ data }) => data.replicas > 0 && (data.ready < data.replicas || data.updated < data.replicas || !data.seen));
  const [first] = behind;
  if (first === undefined) return [];
  const young = seen.unwell.filter((pod) => isYoung(seen, pod));
  const isStarting = young.length > 0 && young.length === seen.unwell.length;
  const { object, data, check } = first;
  const evidence: SomeEvidence = [
    { summary: `${object}: ${data.ready} of ${data.replicas} pods ready`, check },
    ...seen.unwell
      .slice(0, 3)
      .map((pod) => ({ summary: `${pod.object} is ${pod.data.phase} for ${Math.round(pod.data.age)} s, and not ready`, check: pod.check })),
  ];
  return [
    {
      code: isStarting ? 'starting' : 'unknown',
      object,
      summary: isStarting
        ? `its pods are starting: ${data.ready} of ${data.replicas} are ready`
        : `${data.ready} of ${data.replicas} pods are ready, and nothing that was read says why`,
      evidence,
      confidence: isStarting ? 'likely' : 'possible',
      fix: isStarting ? 'wait, and look again' : 'look at the pods, their logs and their events; see what could not be read',
      next: isStarting ? `shepherd watch ${seen.name} --pods` : check,
    },
  ];
}

const leastS = 30;

function isYoung(seen: Seen, { object, data }: Seen['pods'][number]): boolean {
  const startup = Math.max(leastS, ...seen.containers.filter((each) => `Pod ${each.data.pod}` === object).map((each) => each.data.startup ?? 0));
  return data.age < startup;
}
