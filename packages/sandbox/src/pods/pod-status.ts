import type { KubeObject } from '../api/objects.js';

/** What of a container counts for the status of its pod. */
export interface ContainerFacts {
  readonly name: string;
  readonly ready: boolean;
  readonly hasRun: boolean;
  readonly over: boolean;
  readonly exitCode: number | undefined;
}

export interface PodFacts {
  readonly pod: KubeObject;
  readonly containers: readonly ContainerFacts[];
  readonly initContainers: readonly ContainerFacts[];
  /** The pod has its network. */
  readonly started: boolean;
  readonly now: string;
}

interface Said {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** The phase: Pending until every container has run, then Running until all are over. */
export function phaseOf({ pod, containers, initContainers }: PodFacts): string {
  if (initContainers.some(({ over, exitCode }) => over && exitCode !== 0)) return 'Failed';
  if (initContainers.some(({ over }) => !over) || containers.some(({ hasRun }) => !hasRun)) return 'Pending';
  if (containers.some(({ over }) => !over) || pod.spec.restartPolicy === 'Always') return 'Running';
  return containers.every(({ exitCode }) => exitCode === 0) ? 'Succeeded' : 'Failed';
}

/** The conditions of a pod, each with the time it last turned. */
export function conditionsOf(facts: PodFacts, phase: string): object[] {
  const { pod, containers, initContainers, started, now } = facts;
  const before: readonly { type: string; status: string; lastTransitionTime: string }[] = pod.status?.conditions ?? [];
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const incomplete = initContainers.filter(({ over, exitCode }) => !over || exitCode !== 0).map(({ name }) => name);
  const gates: readonly string[] = (pod.spec.readinessGates ?? []).map(({ conditionType }: { conditionType: string }) => conditionType);
  const closed = gates.filter((gate) => before.find(({ type }) => type === gate)?.status !== 'True');
  const containersReady: Omit<Said, 'type'> =
    phase === 'Succeeded' || phase === 'Failed'
      ? { status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
      : unready.length === 0
        ? { status: 'True' }
        : { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const ready: Omit<Said, 'type'> =
    containersReady.status === 'False' || closed.length === 0
      ? containersReady
      : {
          status: 'False',
          reason: 'ReadinessGatesNotReady',
          message: closed.map((gate) => `the status of pod readiness gate "${gate}" is not "True", but False`).join(', '),
        };
  const said: Said[] = [
    { type: 'PodReadyToStartContainers', status: started ? 'True' : 'False' },
    incomplete.length === 0
      ? { type: 'Initialized', status: 'True' }
      : { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' },
  ];
  const own = new Set(said.map(({ type }) => type));
  const kept = before.filter(({ type }) => !own.has(type));
  const timed = said.map((condition) => {
    const last = before.find(({ type }) => type === condition.type);
    return { ...condition, lastProbeTime: null, lastTransitionTime: last?.status === condition.status ? last.lastTransitionTime : now };
  });
  return [...timed, ...kept];
}
