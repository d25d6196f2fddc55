import type { KubeObject } from '../api/objects.js';
import { controllerRef } from '../api/owners.js';
import { isReady } from '../api/pod-ready.js';
import { matchesSelector } from '../api/selectors.js';
import type { ContainerSpec } from '../pods/container-spec.js';

/** One address behind a Service, as an EndpointSlice has it. */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
  readonly nodeName?: string;
  readonly targetRef?: { readonly kind: 'Pod'; readonly namespace: string; readonly name: string; readonly uid: string };
}

/** A port of the Service, resolved for the pods of one slice. */
export interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** The endpoints of a Service that share the numbers of their ports. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

const serviceNameLabel = 'kubernetes.io/service-name';

/** Pods with an address that a Service selects, terminating ones included, as long as they have not ended. */
function endpointOf(service: KubeObject, pod: KubeObject): Endpoint | undefined {
  const phase = pod.status?.phase;
  if (!pod.status?.podIP || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  return {
    addresses: [pod.status.podIP],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
}

/** The ports of a Service as numbers of this pod; a name that the pod does not have is left out. */
export function portsFor(service: KubeObject, pod: KubeObject): EndpointPort[] {
  const containerPorts = (pod.spec.containers as Pick<ContainerSpec, 'ports'>[]).flatMap((container) => container.ports ?? []);
  return ((service.spec.ports ?? []) as ServicePort[]).flatMap(({ name = '', port, targetPort = port, protocol = 'TCP' }) => {
    const number = typeof targetPort === 'number' ? targetPort : containerPorts.find((one) => one.name === targetPort)?.containerPort;
    return number === undefined ? [] : [{ name, port: number, protocol }];
  });
}

/** What the slices of a Service should hold: one slice, or one for each set of port numbers. `undefined` where the Service selects nothing by itself. */
export function slicesOf(service: KubeObject, pods: readonly KubeObject[]): readonly SliceContent[] | undefined {
  const { selector } = service.spec;
  if (selector === undefined || selector === null || service.spec.type === 'ExternalName') return undefined;
  const byPorts = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const endpoint = matchesSelector({ matchLabels: selector }, pod.metadata.labels) ? endpointOf(service, pod) : undefined;
    if (endpoint === undefined) continue;
    const ports = portsFor(service, pod);
    const key = JSON.stringify(ports);
    const slice = byPorts.get(key) ?? { ports, endpoints: [] };
    slice.endpoints.push(endpoint);
    byPorts.set(key, slice);
  }
  // a Service keeps one empty slice, so that its absence never looks like an answer
  return byPorts.size === 0 ? [{ ports: [], endpoints: [] }] : [...byPorts.values()];
}

/** A new EndpointSlice of a Service. */
export const sliceObject = (service: KubeObject, content: SliceContent) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace as string,
    labels: {
      ...service.metadata.labels,
      ...(service.spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }),
      [serviceNameLabel]: service.metadata.name,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
    ownerReferences: [controllerRef(service)],
  },
  addressType: 'IPv4',
  ...content,
});

/** The Service that an EndpointSlice belongs to. */
export const serviceOf = (slice: KubeObject): string | undefined => slice.metadata.labels?.[serviceNameLabel];
