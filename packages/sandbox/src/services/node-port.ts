import type { KubeObject, NodePort } from '../api/objects.js';
import { StatusError } from '../api/status-error.js';
import type { Network } from '../pods/network.js';
import type { Node } from '../pods/node.js';
import type { ServiceTable } from './service-table.js';

const pathOf = (request: Request): string => {
  const { pathname, search } = new URL(request.url);
  return `${pathname}${search}`;
};

const unreachable = (why: string): StatusError => new StatusError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

/** Logs and proxied requests of pods, for the API server. */
export function createNodePort({ node, network, table, settle }: { node: Node; network: Network; table: ServiceTable; settle: () => void }): NodePort {
  const ask = (address: string, request: Request): Promise<Response> =>
    new Promise((resolve, reject) => {
      settle();
      const process = network.find(address);
      if (process === undefined) return reject(unreachable(`dial tcp ${address}: connect: connection refused`));
      const abort = (): void => reject(request.signal.reason);
      if (request.signal.aborted) return abort();
      request.signal.addEventListener('abort', abort, { once: true });
      process.receive({ method: request.method, path: pathOf(request) }, (reply) => {
        request.signal.removeEventListener('abort', abort);
        if (reply === undefined) reject(unreachable('EOF'));
        else resolve(new Response(reply.body, { status: reply.status, headers: { 'content-type': reply.contentType } }));
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
    log(pod, { container: name, previous = false, tailLines, limitBytes }) {
      const container = node.find(pod)?.find(name);
      const called = name ?? pod.spec.containers[0]?.name;
      if (container === undefined || ('waiting' in container.state && !container.hasRun)) {
        const reason = container !== undefined && 'waiting' in container.state ? container.state.waiting.reason : 'ContainerCreating';
        throw new StatusError(400, 'BadRequest', `container "${called}" in pod "${pod.metadata.name}" is waiting to start: ${logReasons[reason] ?? reason}`);
      }
      const lines = container.log.read(previous ? 'previous' : 'current');
      if (lines === undefined) throw new StatusError(400, 'BadRequest', `previous terminated container "${called}" in pod "${pod.metadata.name}" not found`);
      const tail = tailLines === undefined ? lines : tailLines <= 0 ? [] : lines.slice(-tailLines);
      const text = tail.map((line) => `${line}\n`).join('');
      return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString();
    },
  };
}

/** How the kubelet's log answer words a waiting reason. */
const logReasons: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'trying and failing to pull image',
  ErrImagePull: "image can't be pulled",
};

function portNumber(pod: KubeObject, port: string | undefined): number {
  const ports: readonly { name?: string; containerPort: number }[] = pod.spec.containers.flatMap((container: { ports?: unknown[] }) => container.ports ?? []);
  if (port === undefined) return ports[0]?.containerPort ?? 80;
  return /^\d+$/.test(port) ? Number(port) : (ports.find(({ name }) => name === port)?.containerPort ?? 0);
}
