import type { PlainAnswer } from '@shepherd/core';
import type { KubeObject, LogOptions, LogStream, NodePort, PodRequest } from '../api/objects.js';
import { StatusError } from '../api/status-error.js';
import type { LogLine } from '../pods/log.js';
import type { Network } from '../pods/network.js';
import type { Nodes } from '../pods/nodes.js';
import type { ServiceTable } from './service-table.js';

const unreachable = (why: string): StatusError => new StatusError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

/** Logs and proxied requests of pods, for the API server. */
export function createNodePort({ nodes, network, table, settle }: { nodes: Nodes; network: Network; table: ServiceTable; settle: () => void }): NodePort {
  const ask = (address: string, { method, path, signal }: PodRequest): Promise<PlainAnswer> =>
    new Promise((resolve, reject) => {
      settle();
      const process = network.find(address);
      if (process === undefined) return reject(unreachable(`dial tcp ${address}: connect: connection refused`));
      const abort = (): void => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      process.receive({ method, path }, (reply) => {
        signal.removeEventListener('abort', abort);
        if (reply === undefined) reject(unreachable('EOF'));
        else resolve({ status: reply.status, headers: { 'content-type': reply.contentType }, body: reply.body });
      });
    });
  return {
    async proxyPod(pod, port, request) {
      const ip: string | undefined = pod.status?.podIP;
      if (ip === undefined) throw unreachable(`pod ${pod.metadata.name} has no address`);
      return ask(`${ip}:${portNumber(pod, port)}`, request);
    },
    async proxyService(service, port, request) {
      const { namespace = 'default', name } = service.metadata;
      const ports: readonly { name?: string; port: number }[] = service.spec.ports ?? [];
      const chosen = port === undefined ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
      const address = chosen && table.pick(namespace, name, chosen.name ?? '');
      if (address === undefined) throw new StatusError(503, 'ServiceUnavailable', `no endpoints available for service "${name}"`);
      return ask(address, request);
    },
    log: (pod, options) => logOf(nodes, pod, options),
  };
}

/** How the kubelet's log answer words a waiting reason. */
const logReasons: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'trying and failing to pull image',
  ErrImagePull: "image can't be pulled",
};

/** @throws StatusError 500 where the node is down, 400 for a container that has not run yet, or has no run before */
function logOf(nodes: Nodes, pod: KubeObject, { container: name, previous = false, tailLines, limitBytes, timestamps = false, since }: LogOptions): LogStream {
  if (nodes.of(pod)?.down === true) {
    const host = pod.status?.hostIP ?? pod.spec.nodeName;
    const url = `https://${host}:10250/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${name ?? ''}`;
    throw new StatusError(500, 'InternalError', `Get "${url}": dial tcp ${host}:10250: connect: connection refused`);
  }
  const container = nodes.find(pod)?.find(name);
  const called = name ?? pod.spec.containers[0]?.name;
  if (container === undefined || ('waiting' in container.state && !container.hasRun)) {
    const reason = container !== undefined && 'waiting' in container.state ? container.state.waiting.reason : 'ContainerCreating';
    throw new StatusError(400, 'BadRequest', `container "${called}" in pod "${pod.metadata.name}" is waiting to start: ${logReasons[reason] ?? reason}`);
  }
  const lines = container.log.read(previous ? 'previous' : 'current');
  if (lines === undefined) throw new StatusError(400, 'BadRequest', `previous terminated container "${called}" in pod "${pod.metadata.name}" not found`);
  const told = (line: LogLine): string => `${timestamps ? `${line.at.toISOString().replace('Z', '000000Z')} ` : ''}${line.text}\n`;
  const recent = since === undefined ? lines : lines.filter(({ at }) => at >= since);
  const tail = tailLines === undefined ? recent : tailLines <= 0 ? [] : recent.slice(-tailLines);
  const text = tail.map(told).join('');
  return {
    text: limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString(),
    follow(onText, onEnd) {
      if (previous || container.process === undefined) {
        onEnd();
        return () => undefined;
      }
      return container.log.follow({ line: (line) => onText(told(line)), end: onEnd });
    },
  };
}

function portNumber(pod: KubeObject, port: string | undefined): number {
  const ports: readonly { name?: string; containerPort: number }[] = pod.spec.containers.flatMap((container: { ports?: unknown[] }) => container.ports ?? []);
  if (port === undefined) return ports[0]?.containerPort ?? 80;
  return /^\d+$/.test(port) ? Number(port) : (ports.find(({ name }) => name === port)?.containerPort ?? 0);
}
