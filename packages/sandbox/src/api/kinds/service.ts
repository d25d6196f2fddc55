import { equalJson, type Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { StatusCause } from '../status-error.js';
import { duplicate, invalidValue, notSupported, required } from './causes.js';
import type { KindRules, RuleContext } from './kind-rules.js';
import { ipProblem, labelProblem, validateLabels } from './metadata.js';
import { portNameProblems, validPort } from './validate-pod.js';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const hasIp = (spec: Wire): boolean => spec.type !== 'ExternalName';
const hasNodePorts = (spec: Wire): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** The first address of 10.96.0.0/16 that nobody has; .1 is the API server's own. */
function freeIp(services: readonly KubeObject[]): string {
  const taken = new Set(services.map(({ spec }) => spec?.clusterIP));
  for (let i = 2; i < 65535; i += 1) {
    const ip = `10.96.${i >> 8}.${i & 255}`;
    if (!taken.has(ip)) return ip;
  }
  throw new Error('no service address is left');
}

function allocate(draft: Wire, { list }: RuleContext): void {
  const { spec } = draft;
  const others = list('services').filter(({ metadata }) => metadata.uid !== draft.metadata.uid);
  if (hasIp(spec)) {
    spec.clusterIP ||= spec.clusterIPs?.[0] || freeIp(others);
    spec.clusterIPs ??= [spec.clusterIP];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
  }
  if (!hasNodePorts(spec)) return;
  const taken = new Set([...others.flatMap((other) => other.spec?.ports ?? []), ...(spec.ports ?? [])].map((port: Wire) => port.nodePort));
  let next = 30000;
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    port.nodePort = next;
  }
}

function validatePort(port: Wire, path: string, alone: boolean): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!port.name && !alone) causes.push(required(`${path}.name`));
  const problem = port.name && labelProblem(port.name);
  if (problem) causes.push(invalidValue(`${path}.name`, port.name, problem));
  if (port.port === undefined || port.port === 0) causes.push(invalidValue(`${path}.port`, port.port ?? 0, 'must be between 1 and 65535, inclusive'));
  else causes.push(...validPort(port.port, `${path}.port`));
  if (!['SCTP', 'TCP', 'UDP'].includes(port.protocol)) causes.push(notSupported(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
  if (typeof port.targetPort === 'number') causes.push(...validPort(port.targetPort, `${path}.targetPort`));
  else if (port.targetPort !== undefined) causes.push(...portNameProblems(port.targetPort, `${path}.targetPort`));
  return causes;
}

function validatePorts(ports: readonly Wire[]): StatusCause[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  return ports.flatMap((port, i) => {
    const path = `spec.ports[${i}]`;
    const causes = validatePort(port, path, ports.length === 1);
    if (port.name && names.has(port.name)) causes.push(duplicate(`${path}.name`, port.name));
    const number = `${port.protocol}/${port.port}`;
    // The real server shows its own struct here.
    const shown = { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 };
    if (numbers.has(number)) causes.push(duplicate(path, shown));
    names.add(port.name);
    numbers.add(number);
    return causes;
  });
}

export const serviceRules: KindRules = {
  defaults(draft) {
    draft.spec ??= {};
    const { spec } = draft;
    spec.type ??= 'ClusterIP';
    spec.sessionAffinity ??= 'None';
    if (spec.sessionAffinity === 'ClientIP') spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10800 } };
    if (hasIp(spec)) spec.internalTrafficPolicy ??= 'Cluster';
    if (hasNodePorts(spec)) spec.externalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
    for (const port of spec.ports ?? []) {
      port.protocol ??= 'TCP';
      port.targetPort ??= port.port;
    }
  },
  prepareCreate(draft, context) {
    draft.status = { loadBalancer: {} };
    allocate(draft, context);
  },
  prepareUpdate(draft, previous, context) {
    if (hasIp(draft.spec) && hasIp(previous.spec)) {
      for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) draft.spec[field] ??= previous.spec[field];
    }
    allocate(draft, context);
  },
  validate({ spec }) {
    const causes: StatusCause[] = [];
    const headless = spec.clusterIP === 'None';
    const wrongIp = hasIp(spec) && !headless && spec.clusterIP && ipProblem(spec.clusterIP);
    if (wrongIp) causes.push(invalidValue('spec.clusterIPs[0]', spec.clusterIP, wrongIp));
    if ((spec.ports ?? []).length === 0 && !headless && spec.type !== 'ExternalName') causes.push(required('spec.ports'));
    if (spec.type === 'ExternalName' && !spec.externalName) causes.push(required('spec.externalName'));
    causes.push(...validatePorts(spec.ports ?? []), ...validateLabels(spec.selector, 'spec.selector'));
    if (!['ClientIP', 'None'].includes(spec.sessionAffinity)) causes.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
    if (!TYPES.includes(spec.type)) causes.push(notSupported('spec.type', spec.type, TYPES));
    return causes;
  },
  validateUpdate(draft, previous) {
    if (!hasIp(draft.spec) || !previous.spec.clusterIP || equalJson(draft.spec.clusterIP, previous.spec.clusterIP)) return [];
    return [invalidValue('spec.clusterIPs[0]', [draft.spec.clusterIP], 'may not change once set')];
  },
};
