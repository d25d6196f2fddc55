import type { LogStream, PodRequest } from '../objects.js';
import { badRequest } from '../status-error.js';
import { type Answer, text } from './answer.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';

/** `name`, `name:port`, `http:name:port`. */
function parts(name: string): { name: string; port: string | undefined } {
  const [first = '', second, third] = name.split(':');
  if (third !== undefined) return { name: second ?? '', port: third || undefined };
  return { name: first, port: second || undefined };
}

/** Any method on `pods/NAME[:PORT]/proxy/PATH` and the same of services, answered by the app itself. */
export async function proxy(context: ServerContext, call: Call): Promise<Answer> {
  const { info, namespace, request, tail } = call;
  const { name, port } = parts(call.name ?? '');
  const object = context.registry.need(info, namespace, name);
  const asked: PodRequest = { method: request.method, path: `/${tail}`, signal: request.signal };
  return info.plural === 'services' ? context.node.proxyService(object, port, asked) : context.node.proxyPod(object, port, asked);
}

const numberOf = (call: Call, name: string): number | undefined => {
  const given = call.query.get(name);
  if (given === null) return undefined;
  if (!/^\d+$/.test(given)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`);
  return Number(given);
};

/** `GET pods/NAME/log`: of the only container, or of the one named. */
export function log(context: ServerContext, call: Call): Answer {
  const pod = context.registry.need(call.info, call.namespace, call.name ?? '');
  const names: string[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }) => name);
  const container = call.query.get('container') ?? undefined;
  const { name } = pod.metadata;
  if (container === undefined && names.length > 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  }
  if (container !== undefined && !names.includes(container)) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const sinceSeconds = numberOf(call, 'sinceSeconds');
  const sinceTime = call.query.get('sinceTime');
  const since =
    sinceSeconds === undefined ? (sinceTime === null ? undefined : new Date(sinceTime)) : new Date(context.clock.now().getTime() - sinceSeconds * 1000);
  const stream = context.node.log(pod, {
    container: container ?? names[0] ?? '',
    previous: call.query.get('previous') === 'true',
    tailLines: numberOf(call, 'tailLines'),
    limitBytes: numberOf(call, 'limitBytes'),
    timestamps: call.query.get('timestamps') === 'true',
    since,
  });
  return call.query.get('follow') === 'true' ? followed(stream, call.request.signal) : text(stream.text);
}

const encoder = new TextEncoder();

/** What there is, then what comes, until the container ends or the client goes. */
function followed(stream: LogStream, signal: AbortSignal): Answer {
  let stop = (): void => undefined;
  let over = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (): void => {
        if (over) return;
        over = true;
        stop();
        signal.removeEventListener('abort', end);
        controller.close();
      };
      controller.enqueue(encoder.encode(stream.text));
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) return end();
      stop = stream.follow((more) => controller.enqueue(encoder.encode(more)), end);
      if (over) stop();
    },
    cancel() {
      over = true;
      stop();
    },
  });
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
