import { badRequest } from '../status-error.js';
import { text } from './answer.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';

/** `name`, `name:port`, `http:name:port`. */
function parts(name: string): { name: string; port: string | undefined } {
  const [first = '', second, third] = name.split(':');
  if (third !== undefined) return { name: second ?? '', port: third || undefined };
  return { name: first, port: second || undefined };
}

/** Headers of the way to the API server that are not the app's business. */
const HOP = ['authorization', 'connection', 'host', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length'];

/** Any method on `pods/NAME[:PORT]/proxy/PATH` and the same of services, answered by the app itself. */
export async function proxy(context: ServerContext, call: Call): Promise<Response> {
  const { info, namespace, request, tail } = call;
  const { name, port } = parts(call.name ?? '');
  const object = context.registry.need(info, namespace, name);
  const headers = new Headers(request.headers);
  for (const header of HOP) headers.delete(header);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const inner = new Request(`http://${name}/${tail}`, {
    method: request.method,
    headers,
    signal: request.signal,
    ...(hasBody && { body: await request.arrayBuffer() }),
  });
  const answer = info.plural === 'services' ? context.node.proxyService(object, port, inner) : context.node.proxyPod(object, port, inner);
  return answer;
}

const numberOf = (call: Call, name: string): number | undefined => {
  const given = call.query.get(name);
  if (given === null) return undefined;
  if (!/^\d+$/.test(given)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`);
  return Number(given);
};

/** `GET pods/NAME/log`: of the only container, or of the one named. */
export function log(context: ServerContext, call: Call): Response {
  const pod = context.registry.need(call.info, call.namespace, call.name ?? '');
  const names: string[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }) => name);
  const container = call.query.get('container') ?? undefined;
  const { name } = pod.metadata;
  if (container === undefined && names.length > 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  if (container !== undefined && !names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const tailLines = numberOf(call, 'tailLines');
  const limitBytes = numberOf(call, 'limitBytes');
  const options = {
    container: container ?? names[0] ?? '',
    previous: call.query.get('previous') === 'true',
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
  };
  return text(context.node.log(pod, options));
}
