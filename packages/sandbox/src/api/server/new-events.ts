import { coreFormOf, newEventCauses, newFormOf } from '../events-form.js';
import type { Wire } from '../json.js';
import { apiVersionOf } from '../resources.js';
import { invalid, StatusError } from '../status-error.js';
import { type Answer, isStream, json, writtenOf } from './answer.js';
import { readObject, readPatch } from './body.js';
import { type Call } from './call.js';
import type { ServerContext } from './context.js';
import type { Incoming } from './incoming.js';

export const newEvents = 'events.k8s.io';

const withBody = ({ method, url, headers, signal }: Incoming, type: string, body: Wire): Incoming => {
  const text = JSON.stringify(body);
  return {
    method,
    url,
    headers: { get: (name) => (name.toLowerCase() === 'content-type' ? type : headers.get(name)) },
    signal,
    text: async () => text,
    arrayBuffer: async () => new TextEncoder().encode(text).buffer as ArrayBuffer,
  };
};

/** The request as it would be about core's Events, of which these are another view. */
async function asCore({ registry }: ServerContext, call: Call): Promise<Call> {
  const { request, verb, info, namespace } = call;
  const core = { ...call, info: registry.resources.get('events') };
  if (verb === 'create' || verb === 'update') {
    const body = (await readObject(request, info.kind)) ?? {};
    if (body['apiVersion'] !== undefined && body['apiVersion'] !== apiVersionOf(info))
      throw new StatusError(
        400,
        'BadRequest',
        `the API version in the data (${body['apiVersion']}) does not match the expected API version (${apiVersionOf(info)})`,
      );
    const placed = { ...body, metadata: { ...body['metadata'], namespace: body['metadata']?.namespace ?? namespace } };
    const causes = newEventCauses(placed);
    if (causes.length > 0) throw invalid({ group: info.group, kind: info.kind }, body['metadata']?.name ?? '', causes);
    return { ...core, request: withBody(request, 'application/json', coreFormOf(body)) };
  }
  const type = request.headers.get('content-type') ?? '';
  if (verb !== 'patch') return core;
  if (!/^application\/(?:strategic-)?merge-patch\+json/.test(type))
    throw new StatusError(415, 'UnsupportedMediaType', 'the sandbox takes merge patches of these');
  return { ...core, request: withBody(request, type, coreFormOf(await readPatch(request, false))) };
}

/** The answer about core's Events as this version shows it; tables are the same, failures too. */
function asNew(answer: Answer): Answer {
  const { status, headers, body } = answer;
  if (isStream(body)) return { ...answer, body: body.pipeThrough(linesAsNew()) };
  if (status === 204 || body === undefined) return answer;
  const value = JSON.parse(writtenOf(body)) as Wire;
  if (value.kind === 'EventList') return json({ ...value, apiVersion: 'events.k8s.io/v1', items: value.items.map(newFormOf) }, status, headers);
  return value.kind === 'Event' ? json(newFormOf(value), status, headers) : answer;
}

/** Of a watch. */
function linesAsNew(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let rest = '';
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as Wire;
        controller.enqueue(encoder.encode(`${JSON.stringify({ type, object: object.kind === 'Event' ? newFormOf(object) : object })}\n`));
      }
    },
  });
}

/** Events by their newer API: the same objects under other names, with more asked of a new one. */
export const answerNewEvents = async (
  context: ServerContext,
  call: Call,
  dispatch: (context: ServerContext, call: Call) => Promise<Answer> | Answer,
): Promise<Answer> => asNew(await dispatch(context, await asCore(context, call)));
