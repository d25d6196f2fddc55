import type { Wire } from '../json.js';
import { json } from './answer.js';
import { readObject } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { decodeBody, writeQueryOf } from './write-options.js';

/** `POST selfsubjectaccessreviews`: may I? Stored nowhere. */
export async function reviewAccess({ users }: ServerContext, call: Call): Promise<Response> {
  const { object } = decodeBody(call.info, (await readObject(call.request, call.info.kind)) ?? {}, writeQueryOf(call).validation);
  const asked: Wire = object.spec?.resourceAttributes;
  const allowed = asked
    ? users.may(call.user, {
        verb: asked.verb ?? '',
        group: asked.group ?? '',
        resource: asked.resource ?? '',
        subresource: asked.subresource || undefined,
        namespace: asked.namespace || undefined,
        name: asked.name || undefined,
      })
    : true;
  return json({ ...object, kind: call.info.kind, apiVersion: 'authorization.k8s.io/v1', metadata: {}, status: { allowed } }, 201);
}
