import { toMs } from '@shepherd/core';
import type { Container, Probe } from '../objects.js';
import { aboutDeployment, ingressesOf, type Rule } from './subject.js';

/** Old revisions that a cascade of rollbacks may go back through (RR RB-6). */
const rollbackDepth = 3;
const defaultDeadline = 600;

/** A pod that is ready counts as good at once, before anything was seen of it. */
export const minReady: Rule = (subject) => {
  const { deployment, needs, services } = subject;
  if ((deployment.spec.minReadySeconds ?? 0) > 0) return [];
  const external = services.some(({ spec }) => spec.type === 'LoadBalancer') || ingressesOf(subject).length > 0;
  if (needs.judged !== true && !external) return [];
  const why = external ? 'the load balancer outside has not found it yet' : 'metrics have not seen it yet';
  return [
    aboutDeployment(subject)(
      'min-ready',
      'warning',
      `the next old pod goes as soon as a new one is ready, when ${why} (minReadySeconds is 0)`,
      'set minReadySeconds to 10 or more',
      'spec.minReadySeconds',
    ),
  ];
};

const span = ({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: Probe): number => initialDelaySeconds + periodSeconds * failureThreshold;

/** Seconds that a container may take until it is ready. */
const startupOf = ({ startupProbe, readinessProbe }: Container): number =>
  (startupProbe === undefined ? 0 : span(startupProbe)) +
  (readinessProbe === undefined ? 0 : (readinessProbe.initialDelaySeconds ?? 0) + (readinessProbe.periodSeconds ?? 10));

/** A healthy slow start must not be taken for a failure, and a failure must show before our own time is over. */
export const deadline: Rule = (subject) => {
  const { spec } = subject.deployment;
  const finding = aboutDeployment(subject);
  const allowed = spec.progressDeadlineSeconds ?? defaultDeadline;
  const startup = Math.max(0, ...spec.template.spec.containers.map(startupOf));
  const needed = (spec.minReadySeconds ?? 0) + startup;
  const { timeoutMs } = subject.needs;
  return [
    ...(allowed <= needed
      ? [
          finding(
            'deadline',
            'warning',
            `a pod may take ${needed} s to be available (start-up ${startup} s, minReadySeconds ${spec.minReadySeconds ?? 0}), and the rollout counts as failed after ${allowed} s`,
            `set progressDeadlineSeconds to ${needed + 60} or more`,
            'spec.progressDeadlineSeconds',
          ),
        ]
      : []),
    ...(timeoutMs !== undefined && timeoutMs < toMs(`${allowed}s`)
      ? [
          finding(
            'deadline',
            'warning',
            `this rollout ends after ${timeoutMs / 1_000} s, before Kubernetes says that it does not get on (${allowed} s): a stuck one ends without a reason`,
            `give it more than ${allowed} s (--timeout), or lower progressDeadlineSeconds`,
            'spec.progressDeadlineSeconds',
          ),
        ]
      : []),
  ];
};

/** What is not kept cannot be gone back to. */
export const historyLimit: Rule = (subject) => {
  const limit = subject.deployment.spec.revisionHistoryLimit ?? 10;
  if (limit >= rollbackDepth) return [];
  return [
    aboutDeployment(subject)(
      'history-limit',
      'error',
      limit === 0 ? 'no old revision is kept, so there is no way back' : `only ${limit} old revisions are kept, and going back may need ${rollbackDepth}`,
      `set revisionHistoryLimit to ${rollbackDepth} or more`,
      'spec.revisionHistoryLimit',
    ),
  ];
};
