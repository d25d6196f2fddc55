import type { Wire } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { duplicate, forbiddenField, invalidValue, notFoundField, notSupported, required } from './causes.js';
import { labelProblem } from './metadata.js';
import { validateEnv } from './validate-env.js';
import { validateResources } from './validate-resources.js';

const AT_LEAST_0 = 'must be greater than or equal to 0';
const PORT_RANGE = 'must be between 1 and 65535, inclusive';

/** A cause where a given number is below 0. */
export const notNegative = (value: Wire, field: string): StatusCause[] =>
  typeof value === 'number' && value < 0 ? [invalidValue(field, value, AT_LEAST_0)] : [];

export const validPort = (value: Wire, field: string): StatusCause[] =>
  typeof value === 'number' && (value < 1 || value > 65535) ? [invalidValue(field, value, PORT_RANGE)] : [];

/** The rules of IANA for a port's name. */
export function portNameProblems(name: string, field: string): StatusCause[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems.map((problem) => invalidValue(field, name, problem));
}

function portOrName(value: Wire, field: string): StatusCause[] {
  if (value === undefined) return [required(field)];
  return typeof value === 'number' ? validPort(value, field) : portNameProblems(String(value), field);
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

function validateHandler(handler: Wire, path: string): StatusCause[] {
  const [, ...more] = HANDLERS.filter((kind) => handler[kind]);
  if (more.length > 0) return more.map((kind) => forbiddenField(`${path}.${kind}`, 'may not specify more than 1 handler type'));
  if (handler.httpGet) return portOrName(handler.httpGet.port, `${path}.httpGet.port`);
  if (handler.tcpSocket) return portOrName(handler.tcpSocket.port, `${path}.tcpSocket.port`);
  if (handler.exec) return (handler.exec.command ?? []).length === 0 ? [required(`${path}.exec.command`)] : [];
  return handler.grpc || handler.sleep ? [] : [required(path, 'must specify a handler type')];
}

function validateProbe(probe: Wire, path: string, onlyOnce: boolean): StatusCause[] {
  if (!probe) return [];
  const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];
  return [
    ...validateHandler(probe, path),
    ...counts.flatMap((field) => notNegative(probe[field], `${path}.${field}`)),
    ...(onlyOnce && probe.successThreshold !== 1 ? [invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1')] : []),
  ];
}

function validatePorts(ports: Wire[], path: string): StatusCause[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const causes: StatusCause[] = [];
    if (port.name) {
      const problems = portNameProblems(port.name, `${path}[${i}].name`);
      causes.push(...(problems.length > 0 || !names.has(port.name) ? problems : [duplicate(`${path}[${i}].name`, port.name)]));
      names.add(port.name);
    }
    if (!port.containerPort) causes.push(required(`${path}[${i}].containerPort`));
    else causes.push(...validPort(port.containerPort, `${path}[${i}].containerPort`));
    if (!['SCTP', 'TCP', 'UDP'].includes(port.protocol)) causes.push(notSupported(`${path}[${i}].protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    return causes;
  });
}

function validateContainer(container: Wire, path: string, volumes: ReadonlySet<string>, grace: number): StatusCause[] {
  const causes: StatusCause[] = [];
  const problem = container.name && labelProblem(container.name);
  if (!container.name) causes.push(required(`${path}.name`));
  else if (problem) causes.push(invalidValue(`${path}.name`, container.name, problem));
  if (!container.image) causes.push(required(`${path}.image`));
  causes.push(...validatePorts(container.ports ?? [], `${path}.ports`));
  causes.push(...validateEnv(container.env ?? [], `${path}.env`));
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    if (!mount.name) causes.push(required(`${path}.volumeMounts[${i}].name`));
    else if (!volumes.has(mount.name)) causes.push(notFoundField(`${path}.volumeMounts[${i}].name`, mount.name));
    if (!mount.mountPath) causes.push(required(`${path}.volumeMounts[${i}].mountPath`));
  }
  const pulls = ['Always', 'IfNotPresent', 'Never'];
  if (container.imagePullPolicy && !pulls.includes(container.imagePullPolicy)) {
    causes.push(notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, pulls));
  }
  const policies = ['File', 'FallbackToLogsOnError'];
  if (!policies.includes(container.terminationMessagePolicy)) {
    causes.push(notSupported(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, policies));
  }
  causes.push(...validateResources(container.resources, `${path}.resources`));
  for (const hook of ['postStart', 'preStop']) {
    const handler = container.lifecycle?.[hook];
    if (!handler) continue;
    causes.push(...validateHandler(handler, `${path}.lifecycle.${hook}`));
    const seconds = handler.sleep?.seconds;
    if (seconds !== undefined && (seconds < 0 || seconds > grace)) {
      const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
      causes.push(invalidValue(`${path}.lifecycle.${hook}.sleep`, seconds, why));
    }
  }
  causes.push(
    ...validateProbe(container.livenessProbe, `${path}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${path}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${path}.startupProbe`, true),
  );
  return causes;
}

function validateVolumes(volumes: Wire[], path: string): StatusCause[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, i) => {
    const field = `${path}[${i}].name`;
    if (!volume.name) return [required(field)];
    const problem = labelProblem(volume.name);
    if (problem) return [invalidValue(field, volume.name, problem)];
    if (names.has(volume.name)) return [duplicate(field, volume.name)];
    names.add(volume.name);
    return ['configMap', 'secret'].flatMap((source) => {
      const name = source === 'secret' ? 'secretName' : 'name';
      return volume[source] && !volume[source][name] ? [required(`${path}[${i}].${source}.${name}`)] : [];
    });
  });
}

/** @param path e.g. `spec.template.spec` */
export function validatePodSpec(spec: Wire, path: string): StatusCause[] {
  const volumes = new Set<string>((spec.volumes ?? []).map((volume: Wire) => volume.name));
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  const causes = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  if ((spec.containers ?? []).length === 0) causes.push(required(`${path}.containers`));
  const names = new Set<string>();
  for (const list of ['containers', 'initContainers']) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      const at = `${path}.${list}[${i}]`;
      causes.push(...validateContainer(container, at, volumes, grace));
      if (container.name && names.has(container.name)) causes.push(duplicate(`${at}.name`, container.name));
      names.add(container.name);
    }
  }
  const policies = ['Always', 'OnFailure', 'Never'];
  if (!policies.includes(spec.restartPolicy)) causes.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, policies));
  const dns = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  if (!dns.includes(spec.dnsPolicy)) causes.push(notSupported(`${path}.dnsPolicy`, spec.dnsPolicy, dns));
  return [...causes, ...notNegative(spec.terminationGracePeriodSeconds, `${path}.terminationGracePeriodSeconds`)];
}
