import type { Finding, PlanNeeds } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import { names } from '../names.js';
import { annotation, type Budget, type Container, type Deployment, type Hpa, type Ingress, type Labels, type Service, selects } from '../objects.js';

/** An app as it will be released, and what is around it. What may not be read is undefined, and no rule speaks of it. */
export interface Subject {
  /** The live Deployment with the template that the release makes; for a first release what its manifest says. */
  readonly deployment: Deployment;
  readonly live: Deployment | undefined;
  /** What a chart will write of the Deployment. */
  readonly manifest: Deployment | undefined;
  /** Other Deployments of the namespace. */
  readonly others: readonly Deployment[];
  /** Those that send requests to the app. */
  readonly services: readonly Service[];
  readonly otherServices: readonly Service[];
  /** Labels of a candidate that is to be kept apart; undefined where there is none. */
  readonly apart: Labels | undefined;
  readonly budgets?: readonly Budget[] | undefined;
  readonly autoscalers?: readonly Hpa[] | undefined;
  readonly ingresses?: readonly Ingress[] | undefined;
  readonly namespaceLabels?: Labels | undefined;
  readonly nodes?: number | undefined;
  /** 30 of Kubernetes 1.30. */
  readonly serverMinor?: number | undefined;
  readonly needs: PlanNeeds;
}

export type Rule = (subject: Subject) => readonly Finding[];

export const labelsOf = ({ deployment }: Subject): Labels => deployment.spec.template.metadata?.labels ?? {};

/** Pods that the app has at least: what an autoscaler may shrink it to, else its replicas. */
export function leastReplicas({ deployment, autoscalers = [] }: Subject): number {
  const floor = autoscalersOf({ deployment, autoscalers })[0]?.spec;
  return floor === undefined ? (deployment.spec.replicas ?? 1) : (floor.minReplicas ?? 1);
}

export const autoscalersOf = ({ deployment, autoscalers = [] }: Pick<Subject, 'deployment' | 'autoscalers'>): readonly Hpa[] =>
  autoscalers.filter(
    ({ spec: { scaleTargetRef } }) => scaleTargetRef.name === deployment.metadata.name && (scaleTargetRef.kind ?? 'Deployment') === 'Deployment',
  );

/** Containers that Services send requests to, with where they stand. */
export function routed({ deployment, services }: Subject): readonly { readonly container: Container; readonly path: string }[] {
  const { containers } = deployment.spec.template.spec;
  const targets = services.flatMap(({ spec }) => (spec.ports ?? []).map(({ port, targetPort }) => targetPort ?? port));
  const hit = containers.filter(({ ports = [] }) =>
    ports.some(({ name, containerPort }) => targets.some((target) => target === containerPort || target === name)),
  );
  const found = hit.length > 0 || services.length === 0 ? hit : containers.slice(0, 1);
  return found.map((container) => ({ container, path: containerPath(container) }));
}

export const containerPath = ({ name }: Container, list = 'containers'): string => `spec.template.spec.${list}[${name}]`;

/** Ingresses that lead to a Service of the app. */
export function ingressesOf({ ingresses = [], services }: Subject): readonly Ingress[] {
  const named = new Set(services.map(({ metadata }) => metadata.name));
  return ingresses.filter(({ spec }) => {
    const backends = [spec.defaultBackend, ...(spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))];
    return backends.some((backend) => backend?.service !== undefined && named.has(backend.service.name));
  });
}

export const classOf = (ingress: Ingress): string => ingress.spec.ingressClassName ?? annotation(ingress, 'kubernetes.io/ingress.class') ?? '';

export const isAlb = (ingress: Ingress): boolean => classOf(ingress) === 'alb';

const objectOf = (object: KubeObject, kind: string): string => `${object.kind ?? kind} ${object.metadata.name}`;
type Make = (id: string, level: Finding['level'], message: string, fix: string, path?: string) => Finding;

/** Findings about one object. */
export const about =
  (object: KubeObject, kind: string): Make =>
  (id, level, message, fix, path) => ({ id: `zd/${id}`, level, object: objectOf(object, kind), message, fix, ...(path === undefined ? {} : { path }) });

export const aboutDeployment = ({ deployment }: Subject): Make => about(deployment, 'Deployment');

/** A share of pods as a number: surge rounds up, unavailable pods round down. */
export function podsOf(value: number | string | undefined, replicas: number, round: (x: number) => number): number {
  const text = String(value ?? '25%');
  return text.endsWith('%') ? round((replicas * Number(text.slice(0, -1))) / 100) : Number(text);
}

/** `zd/pdb: reason` of the annotation, several by `;` or line. */
export function ignoredIds(deployment: Deployment): ReadonlyMap<string, string> {
  const text = annotation(deployment, names.lintIgnore) ?? '';
  return new Map(
    text.split(/[;\n]/).flatMap((part) => {
      const [, id, reason = ''] = /^\s*((?:zd\/)?[a-z-]+)\s*:\s*(\S.*)$/.exec(part) ?? [];
      return id === undefined ? [] : [[id.startsWith('zd/') ? id : `zd/${id}`, reason.trim()] as const];
    }),
  );
}

/** A budget, a Service or the like is meant for these pods. */
export const covers = (selector: Labels | undefined, labels: Labels): boolean => selects(selector, labels);
