import { parseDuration } from '@shepherd/core';
import { names } from '../names.js';
import { annotation, type Container, type Deployment } from '../objects.js';
import { aboutDeployment, classOf, ingressesOf, isAlb, type Rule, routed, type Subject } from './subject.js';

/** How long the app says it serves on after SIGTERM; 0 where it only says that it does; undefined where it says nothing. */
export function drainSeconds(deployment: Deployment): number | undefined {
  const text = annotation(deployment, names.drains);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  return ms === undefined ? (text === 'true' ? 0 : undefined) : ms / 1_000;
}

/** Seconds that a container sleeps before it is told to end; undefined where it does not, or nobody can tell. */
function sleepOf({ lifecycle }: Container): number | undefined {
  const { sleep, exec } = lifecycle?.preStop ?? {};
  if (sleep !== undefined) return sleep.seconds ?? 0;
  const [, seconds] = /(?:^|[\s;&|/])sleep\s+(\d+(?:\.\d+)?)/.exec((exec?.command ?? []).join(' ')) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

const preStopPath = (path: string): string => `${path}.lifecycle.preStop`;

/** Endpoint removal and shutdown run in parallel, and nothing waits. */
export const prestopMissing: Rule = (subject) =>
  routed(subject).flatMap(({ container, path }) =>
    container.lifecycle?.preStop !== undefined || drainSeconds(subject.deployment) !== undefined
      ? []
      : [
          aboutDeployment(subject)(
            'prestop-missing',
            'warning',
            `container ${container.name} ends as soon as it is told to, while routing still sends it requests: there is no preStop and no known drain`,
            `add lifecycle.preStop.sleep (5 s or more), or annotate ${names.drains}: "true" if the app serves on after SIGTERM`,
            preStopPath(path),
          ),
        ],
  );

/** The grace period begins with preStop. */
export const graceBudget: Rule = (subject) => {
  const { deployment } = subject;
  const grace = deployment.spec.template.spec.terminationGracePeriodSeconds ?? 30;
  return deployment.spec.template.spec.containers.flatMap((container) => {
    const sleep = sleepOf(container);
    if (sleep === undefined) return [];
    const drain = drainSeconds(deployment) ?? 0;
    if (sleep + drain <= grace && sleep < grace) return [];
    const parts = drain === 0 ? `preStop takes ${sleep} s` : `preStop takes ${sleep} s and the app ${drain} s after it`;
    return [
      aboutDeployment(subject)(
        'grace-budget',
        'error',
        `container ${container.name} is killed in the middle of its requests: ${parts}, of ${grace} s that it has for both`,
        `set terminationGracePeriodSeconds to ${Math.ceil(sleep + drain) + 15} or more`,
        'spec.template.spec.terminationGracePeriodSeconds',
      ),
    ];
  });
};

const bare = /distroless|scratch|chainguard|cgr\.dev|(?:^|[/:_-])static(?:$|[/:@_-])|nonroot|wolfi/i;

/** What is not in the image cannot run, and preStop fails without a word in the rollout. */
export const prestopShell: Rule = (subject) =>
  subject.deployment.spec.template.spec.containers.flatMap((container) => {
    const command = container.lifecycle?.preStop?.exec?.command ?? [];
    const needs = /(?:^|\/)(?:sh|bash|ash|sleep)$/.test(command[0] ?? '');
    if (!needs || !bare.test(container.image ?? '')) return [];
    return [
      aboutDeployment(subject)(
        'prestop-shell',
        'warning',
        `preStop of container ${container.name} runs ${command[0]}, which image ${container.image} likely does not have: then there is no pause at all`,
        'use lifecycle.preStop.sleep, which needs nothing of the image',
        preStopPath(`spec.template.spec.containers[${container.name}]`),
      ),
    ];
  });

/** On by default since 1.30; a server before drops the field or refuses it. */
export const prestopVersion: Rule = (subject) => {
  const { serverMinor } = subject;
  if (serverMinor === undefined || serverMinor >= 30) return [];
  return subject.deployment.spec.template.spec.containers.flatMap((container) =>
    container.lifecycle?.preStop?.sleep === undefined
      ? []
      : [
          aboutDeployment(subject)(
            'prestop-version',
            'error',
            `container ${container.name} has preStop.sleep, which Kubernetes 1.${serverMinor} does not do by default (1.30 does)`,
            "run the image's own sleep: preStop.exec.command [sleep, '5']",
            `${preStopPath(`spec.template.spec.containers[${container.name}]`)}.sleep`,
          ),
        ],
  );
};

interface Router {
  readonly name: string;
  readonly seconds: number;
}

/** Routers outside of the cluster, and how long they send to a pod that has left. */
function routersOf(subject: Subject): readonly Router[] {
  const byIngress = ingressesOf(subject).flatMap((ingress): readonly Router[] => {
    if (isAlb(ingress)) {
      const attributes = annotation(ingress, 'alb.ingress.kubernetes.io/target-group-attributes') ?? '';
      const [, said] = /deregistration_delay\.timeout_seconds=(\d+)/.exec(attributes) ?? [];
      return [{ name: 'ALB (deregistration delay)', seconds: Number(said ?? 300) }];
    }
    if (classOf(ingress).startsWith('gce')) return [{ name: 'GKE load balancer', seconds: 120 }];
    return /azure.*application-gateway/.test(classOf(ingress)) ? [{ name: 'Application Gateway (AGIC)', seconds: 40 }] : [];
  });
  const byService = subject.services.flatMap((service): readonly Router[] =>
    annotation(service, 'cloud.google.com/neg') === undefined ? [] : [{ name: 'GKE load balancer (NEG)', seconds: 120 }],
  );
  return [...byIngress, ...byService];
}

/** A load balancer outside of the cluster learns of it late. */
export const prestopRouter: Rule = (subject) => {
  const slowest = routersOf(subject).toSorted((a, b) => b.seconds - a.seconds)[0];
  if (slowest === undefined) return [];
  return routed(subject).flatMap(({ container, path }) => {
    const sleep = sleepOf(container) ?? 0;
    if (sleep >= slowest.seconds || (container.lifecycle?.preStop !== undefined && sleepOf(container) === undefined)) return [];
    return [
      aboutDeployment(subject)(
        'prestop-router',
        'warning',
        `container ${container.name} serves on for ${sleep} s, and ${slowest.name} may send it requests for ${slowest.seconds} s`,
        `let preStop sleep ${slowest.seconds} s with a grace period above it, or lower the delay of the router`,
        preStopPath(path),
      ),
    ];
  });
};
