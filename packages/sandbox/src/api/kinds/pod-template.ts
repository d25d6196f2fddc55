import type { Wire } from '../json.js';

const orDefault = (target: Wire, field: string, value: unknown): void => {
  target[field] ??= value;
};

function defaultProbe(probe: Wire): void {
  if (!probe) return;
  orDefault(probe, 'timeoutSeconds', 1);
  orDefault(probe, 'periodSeconds', 10);
  orDefault(probe, 'successThreshold', 1);
  orDefault(probe, 'failureThreshold', 3);
  defaultHandler(probe);
  if (probe.grpc) orDefault(probe.grpc, 'service', '');
}

function defaultHandler(handler: Wire): void {
  if (!handler?.httpGet) return;
  orDefault(handler.httpGet, 'path', '/');
  orDefault(handler.httpGet, 'scheme', 'HTTP');
}

/** A tag other than `latest`, or a digest, does not change: it need not be pulled again. */
const isPinned = (image: string): boolean => {
  if (image.includes('@')) return true;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== 'latest';
};

function defaultContainer(container: Wire): void {
  for (const port of container.ports ?? []) orDefault(port, 'protocol', 'TCP');
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) orDefault(variable.valueFrom.fieldRef, 'apiVersion', 'v1');
    if (variable.value === '') delete variable.value;
  }
  orDefault(container, 'resources', {});
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultHandler(container.lifecycle?.preStop);
  defaultHandler(container.lifecycle?.postStart);
  orDefault(container, 'terminationMessagePath', '/dev/termination-log');
  orDefault(container, 'terminationMessagePolicy', 'File');
  if (container.image) orDefault(container, 'imagePullPolicy', isPinned(container.image) ? 'IfNotPresent' : 'Always');
}

const FILE_VOLUMES = ['configMap', 'secret', 'downwardAPI', 'projected'];

function defaultVolume(volume: Wire): void {
  for (const source of FILE_VOLUMES) if (volume[source]) orDefault(volume[source], 'defaultMode', 0o644);
  if (volume.hostPath) orDefault(volume.hostPath, 'type', '');
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
}

/** What the server fills into the spec of a pod and of every template of one. */
export function defaultPodSpec(spec: Wire): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.hostNetwork) {
    for (const port of (spec.containers ?? []).flatMap((container: Wire) => container.ports ?? [])) orDefault(port, 'hostPort', port.containerPort);
  }
  orDefault(spec, 'restartPolicy', 'Always');
  orDefault(spec, 'terminationGracePeriodSeconds', 30);
  // Negative values of old objects mean the shortest grace there is.
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  orDefault(spec, 'dnsPolicy', 'ClusterFirst');
  orDefault(spec, 'securityContext', {});
  orDefault(spec, 'schedulerName', 'default-scheduler');
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
}

/** @param template `spec.template` of a workload; made where it is missing. */
export function defaultPodTemplate(template: Wire): void {
  template.metadata ??= {};
  template.spec ??= {};
  defaultPodSpec(template.spec);
}

/** What the spec of a pod gets over that of a template. */
export function defaultPod(spec: Wire): void {
  defaultPodSpec(spec);
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    const { limits } = container.resources;
    if (limits) container.resources.requests = { ...limits, ...container.resources.requests };
  }
  orDefault(spec, 'enableServiceLinks', true);
}

/** What the admission plugins add to a new pod. */
export function admitPod(spec: Wire): void {
  orDefault(spec, 'serviceAccountName', 'default');
  spec.serviceAccount = spec.serviceAccountName;
  orDefault(spec, 'priority', 0);
  orDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  spec.tolerations ??= [];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = spec.tolerations.some((one: Wire) => one.key === key || (!one.key && one.operator === 'Exists'));
    if (!tolerated) spec.tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
}

/** `Guaranteed` with equal requests and limits everywhere, `BestEffort` without any, else `Burstable`. */
export function qosClass(spec: Wire): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const resources = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container: Wire) => container.resources ?? {});
  const amounts = (of: Wire): string[] => ['cpu', 'memory'].flatMap((name) => (of?.[name] === undefined ? [] : [`${name}=${of[name]}`]));
  if (resources.every(({ requests, limits }) => amounts(requests).length === 0 && amounts(limits).length === 0)) return 'BestEffort';
  const guaranteed = resources.every(({ requests, limits }) => amounts(limits).length === 2 && String(amounts(requests)) === String(amounts(limits)));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
