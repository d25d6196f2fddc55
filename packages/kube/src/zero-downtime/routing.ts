import { parseDuration } from '@shepherd/core';
import { names } from '../names.js';
import { annotation } from '../objects.js';
import { about, aboutDeployment, classOf, ingressesOf, isAlb, leastReplicas, type Rule, routed, type Subject } from './subject.js';

/** A pod is ready before the load balancer knows it. */
export const albGate: Rule = (subject) => {
  const ip = ingressesOf(subject).filter((ingress) => isAlb(ingress) && annotation(ingress, 'alb.ingress.kubernetes.io/target-type') === 'ip');
  const gates = subject.deployment.spec.template.spec.readinessGates ?? [];
  const injected = subject.namespaceLabels?.['elbv2.k8s.aws/pod-readiness-gate-inject'] === 'enabled';
  if (ip.length === 0 || injected || gates.some(({ conditionType }) => conditionType.startsWith('target-health.'))) return [];
  return ip.map((ingress) =>
    about(ingress, 'Ingress')(
      'alb-gate',
      'warning',
      'its targets are pods, and no readiness gate makes them wait until the load balancer knows them: old pods go too soon',
      'label the namespace elbv2.k8s.aws/pod-readiness-gate-inject: enabled',
      'metadata.annotations',
    ),
  );
};

/** A node whose only pod goes answers nobody until the load balancer has noticed. */
export const localPolicy: Rule = (subject) => {
  const replicas = leastReplicas(subject);
  const { nodes } = subject;
  return subject.services.flatMap((service) => {
    const { type, externalTrafficPolicy } = service.spec;
    if (externalTrafficPolicy !== 'Local' || (type !== 'LoadBalancer' && type !== 'NodePort')) return [];
    if (nodes !== undefined && replicas >= 2 * nodes) return [];
    return [
      about(service, 'Service')(
        'local-policy',
        'warning',
        `externalTrafficPolicy is Local with ${replicas} pods on ${nodes === undefined ? 'nodes that may not be counted' : `${nodes} nodes`}: where the only pod of a node goes, requests to that node are lost until the load balancer notices`,
        'set it to Cluster, or run two pods a node',
        'spec.externalTrafficPolicy',
      ),
    ];
  });
};

/** Maintained no more. */
export const ingressNginx: Rule = (subject) =>
  ingressesOf(subject).flatMap((ingress) =>
    /^nginx(?:$|-)/.test(classOf(ingress))
      ? [
          about(ingress, 'Ingress')(
            'ingress-nginx',
            'warning',
            'ingress-nginx was retired in March 2026: no releases, no security fixes',
            'plan the move to Gateway API, or to an ingress controller that is maintained',
            'spec.ingressClassName',
          ),
        ]
      : [],
  );

/** How long a router keeps a connection that nothing goes over. */
function routerIdle(subject: Subject): { readonly name: string; readonly seconds: number } | undefined {
  for (const ingress of ingressesOf(subject)) {
    if (isAlb(ingress)) {
      const [, said] = /idle_timeout\.timeout_seconds=(\d+)/.exec(annotation(ingress, 'alb.ingress.kubernetes.io/load-balancer-attributes') ?? '') ?? [];
      return { name: 'ALB', seconds: Number(said ?? 60) };
    }
    if (classOf(ingress).startsWith('gce')) return { name: 'GKE load balancer', seconds: 600 };
    if (/^nginx(?:$|-)/.test(classOf(ingress))) return { name: 'ingress-nginx', seconds: 60 };
  }
  return undefined;
}

/** Of the app, as it says itself, else what plain Node does. */
function appIdle({ deployment }: Subject, image: string): { readonly seconds: number; readonly from: string } | undefined {
  const ms = parseDuration(annotation(deployment, names.keepAlive) ?? '');
  if (ms !== undefined) return { seconds: ms / 1_000, from: `annotation ${names.keepAlive}` };
  return /(?:^|\/)node(?::|@|$)/.test(image) ? { seconds: 5, from: 'what Node does by default' } : undefined;
}

/** The router sends over a connection that the app is just closing: a 502 now and then. */
export const keepAlive: Rule = (subject) => {
  const router = routerIdle(subject);
  if (router === undefined) return [];
  return routed(subject).flatMap(({ container, path }) => {
    const app = appIdle(subject, container.image ?? '');
    if (app === undefined || app.seconds > router.seconds) return [];
    return [
      aboutDeployment(subject)(
        'keep-alive',
        'warning',
        `container ${container.name} closes idle connections after ${app.seconds} s (${app.from}), ${router.name} keeps them for ${router.seconds} s and may just be sending`,
        `let the app keep them for more than ${router.seconds} s (server.keepAliveTimeout), and say so: ${names.keepAlive}: "${router.seconds + 5}s"`,
        path,
      ),
    ];
  });
};
