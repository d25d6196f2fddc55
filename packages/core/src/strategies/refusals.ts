import { ShepherdError } from '../errors/shepherd-error.js';
import type { Target } from '../plan/situation.js';

/** Blue/green and canary set pod counts themselves: nothing else may, and there must be pods. @throws ShepherdError ERR_UNSUPPORTED_WORKLOAD */
export function needFixedReplicas(strategy: string, target: Target): void {
  const app = `${target.app.namespace}/${target.app.name}`;
  if (target.autoscaled !== undefined) {
    const got = `an autoscaler between ${target.autoscaled.min} and ${target.autoscaled.max}`;
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
