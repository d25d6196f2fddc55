import { ShepherdError } from '../errors/shepherd-error.js';
import type { Target } from '../plan/situation.js';

/** Blue/green and canary set pod counts themselves: nothing else may, unless it can be held, and there must be pods. @throws ShepherdError ERR_UNSUPPORTED_WORKLOAD */
export function needSteadyReplicas(strategy: string, target: Target): void {
  const app = `${target.app.namespace}/${target.app.name}`;
  const { autoscaled } = target;
  if (autoscaled !== undefined && (autoscaled.holdable !== true || target.roles === 'swap')) {
    const of = target.roles === 'swap' ? ' of one colour' : '';
    const got = `an autoscaler${of} between ${autoscaled.min} and ${autoscaled.max}`;
    throw new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `${strategy} of ${app}: its replicas are moved by ${got}, which would fight over the pod counts`, {
      facts: { app, field: 'autoscaler', got, expected: 'no autoscaler on the workload' },
      remedy: 'use the rolling strategy, or take the autoscaler away for the release',
    });
  }
  if (target.replicas === 0) {
    throw new ShepherdError('ERR_UNSUPPORTED_WORKLOAD', `${strategy} of ${app}: spec.replicas is 0, so there is no traffic to move`, {
      facts: { app, field: 'spec.replicas', got: '0', expected: 'at least 1' },
      remedy: 'scale the app up first, or use the rolling strategy',
    });
  }
}
