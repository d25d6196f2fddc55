import type { Wire } from '../json.js';
import { notNegative } from '../kinds/validate-pod.js';
import type { KubeObject } from '../objects.js';
import { trackUpdate } from '../patch/managed-fields.js';
import { typeOf, typeOfKind } from '../schema/schema.js';
import { formatSelector } from '../selectors.js';
import { invalid } from '../status-error.js';
import { type Answer, json, warningHeader } from './answer.js';
import { readObject, readPatch } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { patched, patchKindOf } from './patch.js';
import { placeAt, writerOf } from './write.js';
import { decodeBody, decodePatched, writeQueryOf } from './write-options.js';

/** autoscaling/v1 Scale of a workload. */
export function scaleOf({ metadata, spec, status }: KubeObject): Wire {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { ...(spec.replicas > 0 && { replicas: spec.replicas }) },
    status: { replicas: status?.replicas ?? 0, selector: formatSelector(spec.selector) },
  };
}

/** get, put and patch of `/scale`: replicas alone are taken, and the version as a precondition. */
export async function scale(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, namespace, name = '', request, verb } = call;
  if (verb === 'get') return json(scaleOf(registry.need(info, namespace, name)));
  const query = writeQueryOf(call);
  const kind = verb === 'patch' ? patchKindOf(request) : undefined;
  const body = kind ? await readPatch(request, kind === 'apply') : ((await readObject(request, 'Scale')) ?? {});
  const current = registry.need(info, namespace, name);
  const { object, warnings } = kind
    ? decodePatched(info, patched(scaleOf(current), kind === 'apply' ? 'merge' : kind, body, typeOfKind('Scale')), query.validation, { kind: 'Scale' })
    : decodeBody(info, body, query.validation, 'Scale');
  placeAt(object, call);
  const replicas = object.spec?.replicas ?? 0;
  const causes = notNegative(replicas, 'spec.replicas');
  if (causes.length > 0) throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, causes);
  const { uid, resourceVersion } = object.metadata;
  const next = { ...current, metadata: { ...current.metadata, ...(uid && { uid }), resourceVersion }, spec: { ...current.spec, replicas } };
  const track = (draft: Wire, previous: KubeObject | undefined): void => trackUpdate(draft, previous, writerOf(context, call, query), typeOf(info));
  const updated = writes.counted(registry, info, () => registry.update(info, next, { dryRun: query.dryRun, track }));
  return json(scaleOf(updated), 200, warningHeader(warnings));
}
