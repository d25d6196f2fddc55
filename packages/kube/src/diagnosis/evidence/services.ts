import type { EvidenceOf } from '@shepherd/core';
import { type Container, type Labels, type Service, selects } from '../../objects.js';
import type { KubeApp } from '../../options.js';
import { labelsOf } from '../../workload.js';
import { deploymentsOf, isLeaving, nameOf, ownPods, type World } from './world.js';

/** Services of the app, and those that look as if they were meant to be. Pure. */
export function serviceEvidence(world: World, settings: KubeApp): readonly EvidenceOf<'service'>[] {
  const { workload, services, slices, commands } = world;
  const known = new Set(workload.services.map(nameOf));
  const meant = services.filter(
    (service) => !known.has(nameOf(service)) && !workload.previews.some((each) => nameOf(each) === nameOf(service)) && isMeant(world, service, settings),
  );
  const pods = ownPods(world).filter(({ pod }) => !isLeaving(pod));
  const declared = deploymentsOf(workload).flatMap(({ spec }) => spec.template.spec.containers);
  return [...workload.services, ...meant]
    .filter(({ spec }) => Object.keys(spec.selector ?? {}).length > 0)
    .map((service) => {
      const own = slices
        .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === nameOf(service))
        .flatMap(({ endpoints }) => endpoints ?? []);
      const targets = targetsOf(service, declared);
      return {
        source: 'service',
        object: `Service ${nameOf(service)}`,
        check: commands.describe('service', nameOf(service)),
        data: {
          selected: pods.filter(({ pod }) => selects(service.spec.selector, pod.metadata.labels)).length,
          endpoints: own.length,
          ready: own.filter(({ conditions }) => conditions?.ready === true).length,
          differs: deploymentsOf(workload)
            .flatMap((each) => differences(service.spec.selector, labelsOf(each)))
            .slice(0, 4),
          targets: targets.map(({ port }) => port),
          unknown: targets.filter((target) => !target.known).map(({ port }) => port),
          declared: declared.flatMap(({ ports }) =>
            (ports ?? []).map(({ name, containerPort }) => (name === undefined ? String(containerPort) : `${name} (${containerPort})`)),
          ),
        },
      };
    });
}

/** It selects nothing at all, and has the app's name, some of its labels, or was named in the options. */
function isMeant({ app, workload, pods }: World, service: Service, { services: named }: KubeApp): boolean {
  const { selector } = service.spec;
  if (selector === undefined || pods.some((pod) => !isLeaving(pod) && selects(selector, pod.metadata.labels))) return false;
  const labels = labelsOf(workload.stable);
  return named?.includes(nameOf(service)) === true || nameOf(service) === app.name || Object.entries(selector).some(([key, value]) => labels[key] === value);
}

const differences = (selector: Labels | undefined, labels: Labels): readonly string[] =>
  Object.entries(selector ?? {}).flatMap(([key, value]) =>
    labels[key] === value ? [] : [`it selects ${key}=${value}, the pods have ${labels[key] === undefined ? `no label ${key}` : `${key}=${labels[key]}`}`],
  );

/** The ports to which a Service sends, as numbers where a container has them by name. */
function targetsOf({ spec }: Service, containers: readonly Container[]): readonly { readonly port: string; readonly known: boolean }[] {
  const ports = containers.flatMap((container) => container.ports ?? []);
  return (spec.ports ?? []).map(({ port, targetPort = port }) => {
    const found = ports.find(({ name, containerPort }) => name === targetPort || containerPort === targetPort);
    return { port: String(found?.containerPort ?? targetPort), known: found !== undefined || (ports.length === 0 && typeof targetPort === 'number') };
  });
}
