import { surgeOf } from '../preflight/room.js';
import { about, aboutDeployment, covers, labelsOf, leastReplicas, podsOf, type Rule, type Subject } from './subject.js';

const unavailableOf = ({ deployment: { spec } }: Subject, replicas: number): number =>
  podsOf(spec.strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor);

/** One pod, or as many unavailable as there are: no pod serves for a moment. */
export const singleReplica: Rule = (subject) => {
  const replicas = leastReplicas(subject);
  if (replicas === 0) return [];
  const finding = aboutDeployment(subject);
  const unavailable = unavailableOf(subject, replicas);
  if (replicas === 1)
    return [
      finding(
        'single-replica',
        'error',
        'the app has one pod: when its node goes, or an update may take it first, nobody serves',
        'set replicas (of an autoscaler minReplicas) to 2 or more',
        'spec.replicas',
      ),
    ];
  if (unavailable >= replicas)
    return [
      finding(
        'single-replica',
        'error',
        `an update may take all ${replicas} pods at once (maxUnavailable is ${unavailable} pods)`,
        'set maxUnavailable to 0',
        'spec.strategy.rollingUpdate.maxUnavailable',
      ),
    ];
  if (unavailable === 0 || replicas > 3) return [];
  return [
    finding(
      'single-replica',
      'warning',
      `an update takes ${unavailable} of ${replicas} pods before new ones serve, a large share of so few`,
      'set maxUnavailable to 0 and maxSurge to 1 or more',
      'spec.strategy.rollingUpdate.maxUnavailable',
    ),
  ];
};

/** Nothing new may come and nothing old may go; or all old goes first. */
export const surgeZero: Rule = (subject) => {
  const { spec } = subject.deployment;
  const finding = aboutDeployment(subject);
  if (spec.strategy?.type === 'Recreate')
    return [
      finding(
        'surge-zero',
        'error',
        'strategy Recreate stops all pods before the first new one',
        'set spec.strategy.type to RollingUpdate',
        'spec.strategy.type',
      ),
    ];
  const replicas = leastReplicas(subject);
  if (replicas === 0 || surgeOf(subject.deployment, replicas) > 0 || unavailableOf(subject, replicas) > 0) return [];
  return [
    finding(
      'surge-zero',
      'error',
      'maxSurge and maxUnavailable are both 0 pods: Kubernetes takes one pod away all the same, before its successor is there',
      'set maxSurge to 1 or more',
      'spec.strategy.rollingUpdate.maxSurge',
    ),
  ];
};

/** Budgets guard evictions: of drained nodes, not of updates. */
export const pdb: Rule = (subject) => {
  const { budgets, deployment, apart } = subject;
  if (budgets === undefined) return [];
  const labels = labelsOf(subject);
  const own = budgets.filter(({ spec }) => covers(spec.selector?.matchLabels, labels));
  const stray = budgets.filter((budget) => budget.metadata.name === deployment.metadata.name && !own.includes(budget));
  const replicas = leastReplicas(subject);
  return [
    ...stray.map((budget) =>
      about(budget, 'PodDisruptionBudget')(
        'pdb',
        'warning',
        'it has the name of the app, and matches none of its pods',
        'correct its selector',
        'spec.selector',
      ),
    ),
    ...(own.length === 0 && stray.length === 0 && replicas > 1
      ? [
          aboutDeployment(subject)(
            'pdb',
            'warning',
            'no PodDisruptionBudget covers the pods: a drained node may take several at once',
            'add one with maxUnavailable: 1',
          ),
        ]
      : []),
    ...(own.length > 1
      ? [
          aboutDeployment(subject)(
            'pdb',
            'warning',
            `${own.map(({ metadata }) => metadata.name).join(' and ')} cover the same pods: no eviction of them succeeds`,
            'keep one of them',
          ),
        ]
      : []),
    ...own.flatMap((budget) => {
      const finding = about(budget, 'PodDisruptionBudget');
      const { disruptionsAllowed, expectedPods = 0 } = budget.status ?? {};
      return [
        ...(disruptionsAllowed === 0 && expectedPods > 0
          ? [
              finding(
                'pdb',
                'warning',
                'it allows no disruption now: a node with one of these pods cannot be drained',
                'raise the replicas, or lower minAvailable',
                'status.disruptionsAllowed',
              ),
            ]
          : []),
        ...(budget.spec.unhealthyPodEvictionPolicy === undefined
          ? [
              finding(
                'pdb',
                'warning',
                'pods that are not ready count for it and hold a drain for ever (unhealthyPodEvictionPolicy is unset)',
                'set unhealthyPodEvictionPolicy to AlwaysAllow',
                'spec.unhealthyPodEvictionPolicy',
              ),
            ]
          : []),
        ...(apart !== undefined && !covers(budget.spec.selector?.matchLabels, apart)
          ? [
              finding(
                'pdb',
                'warning',
                'it does not cover the new version, whose pods differ in a label that it selects by',
                'select by a label that both sides have',
                'spec.selector',
              ),
            ]
          : []),
      ];
    }),
  ];
};
