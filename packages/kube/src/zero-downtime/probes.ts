import type { Container, Probe } from '../objects.js';
import { aboutDeployment, type Rule, routed } from './subject.js';

/** A pod without one has traffic as soon as its process runs. */
export const readinessMissing: Rule = (subject) =>
  routed(subject).flatMap(({ container, path }) =>
    container.readinessProbe === undefined
      ? [
          aboutDeployment(subject)(
            'readiness-missing',
            'error',
            `container ${container.name} gets requests through a Service and has no readiness probe: they come as soon as its process runs`,
            'add a readinessProbe',
            `${path}.readinessProbe`,
          ),
        ]
      : [],
  );

const asks = ({ httpGet, tcpSocket, exec, grpc }: Probe): string =>
  JSON.stringify([httpGet === undefined ? undefined : [httpGet.path ?? '/', httpGet.port], tcpSocket?.port, exec?.command, grpc]);
const patience = ({ periodSeconds = 10, failureThreshold = 3 }: Probe): number => periodSeconds * failureThreshold;

function isSame({ livenessProbe, readinessProbe }: Container): boolean {
  if (livenessProbe === undefined || readinessProbe === undefined) return false;
  return asks(livenessProbe) === asks(readinessProbe) && patience(livenessProbe) <= patience(readinessProbe);
}

/** What makes a pod unready for a while then kills it as well. */
export const livenessSame: Rule = (subject) =>
  subject.deployment.spec.template.spec.containers.flatMap((container) =>
    isSame(container)
      ? [
          aboutDeployment(subject)(
            'liveness-same',
            'warning',
            `container ${container.name} is restarted by the same question, as soon as it is taken out of traffic: a slow dependency restarts all pods at once`,
            'let liveness ask for the process alone, or give it a higher failureThreshold',
            `spec.template.spec.containers[${container.name}].livenessProbe`,
          ),
        ]
      : [],
  );
