import { isRecord, type Wire } from '../json.js';
import { invalidValue, notSupported, required } from '../kinds/causes.js';
import type { KubeObject } from '../objects.js';
import { applyConfiguration } from '../patch/apply.js';
import { setOwners, trackUpdate, type Writer } from '../patch/managed-fields.js';
import { typedProblem } from '../patch/typed-problem.js';
import type { WriteOptions } from '../registry.js';
import { apiVersionOf } from '../resources.js';
import { DecodeError, decode } from '../schema/decode.js';
import { typeOf } from '../schema/schema.js';
import { badRequest, invalid, methodNotAllowed, notFound, qualified, StatusError } from '../status-error.js';
import { type Answer, answerOf, bodyOf, json, warningHeader } from './answer.js';
import { readObject, readPatch } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import { writerFor } from './form.js';
import { filterOf } from './list.js';
import { goText, type PatchKind, patched, patchKindOf } from './patch.js';
import { accessOf } from './users.js';
import { decodeBody, decodePatched, type WriteQuery, writeQueryOf } from './write-options.js';

/** Who the query says is writing, for managed fields. */
export const writerOf = ({ registry }: ServerContext, { info, subresource }: Call, { manager }: WriteQuery): Writer => ({
  manager,
  apiVersion: apiVersionOf(info),
  time: registry.now(),
  ...(subresource !== undefined && { subresource }),
});

function optionsOf(context: ServerContext, call: Call, query: WriteQuery): WriteOptions {
  const node = typeOf(call.info);
  return {
    dryRun: query.dryRun,
    subresource: call.subresource === 'status' ? 'status' : undefined,
    track: (draft, previous, told) => trackUpdate(draft, previous, writerOf(context, call, query), node, told),
  };
}

/** An empty list of owners, or one empty owner, takes all ownership away. */
const forgetsOwners = ({ metadata }: Wire): boolean => {
  const owners: Wire = metadata?.managedFields;
  return Array.isArray(owners) && owners.every((owner) => isRecord(owner) && Object.keys(owner).length === 0);
};

const withoutOwners: WriteOptions['track'] = (draft) => delete draft.metadata.managedFields;

/** The address wins; a body that says something else is a mistake. @throws StatusError 400 */
export function placeAt(object: Wire, { info, namespace, name }: Call): void {
  object.metadata ??= {};
  const { metadata } = object;
  if (name !== undefined) {
    if (metadata.name && metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
    metadata.name = name;
  }
  if (!info.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace ?? metadata.namespace ?? 'default';
}

/** What holds a namespace is changed through `finalize` alone. */
function keepNamespaceFinalizers(object: Wire, current: KubeObject | undefined, { info, subresource }: Call): void {
  if (qualified(info) !== 'namespaces' || subresource === 'finalize') return;
  object.spec = { ...object.spec, finalizers: current?.spec?.finalizers };
}

export async function create(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, request } = call;
  const query = writeQueryOf(call);
  const body = (await readObject(request, info.kind)) ?? {};
  const { object, warnings } = decodeBody(info, body, query.validation);
  placeAt(object, call);
  delete object.metadata.managedFields;
  const created = writes.counted(registry, info, () => registry.create(info, object, optionsOf(context, call, query)));
  return answerOf(bodyOf(created), 201, warningHeader(warnings));
}

export async function update(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, request, namespace, name = '' } = call;
  const query = writeQueryOf(call);
  const body = (await readObject(request, info.kind)) ?? {};
  const { object, warnings } = decodeBody(info, body, query.validation);
  placeAt(object, call);
  const options = { ...optionsOf(context, call, query), ...(forgetsOwners(body) && { track: withoutOwners }) };
  keepNamespaceFinalizers(object, registry.store.get(qualified(info), namespace, name), call);
  // A Lease, an Event or an Endpoints may be made by PUT, as the real server allows for what is only ever written whole.
  if (UPSERTED.has(qualified(info)) && !registry.store.get(qualified(info), namespace, name)) {
    if (object.metadata.resourceVersion || object.metadata.uid) throw notFound(info, name);
    context.users.require(call.user, accessOf('create', info, call));
    const created = writes.counted(registry, info, () => registry.create(info, object, options));
    return answerOf(bodyOf(created), 201, warningHeader(warnings));
  }
  const updated = writes.counted(registry, info, () => registry.update(info, object, options));
  return answerOf(bodyOf(updated), 200, warningHeader(warnings));
}

const UPSERTED = new Set(['leases.coordination.k8s.io', 'events', 'endpoints', 'limitranges', 'services', 'resourcequotas']);

/** Custom resources have no strategies to merge by. */
function noStrategicPatch(): StatusError {
  const accepted = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'].join(', ');
  return new StatusError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
}

export async function patch(context: ServerContext, call: Call): Promise<Answer> {
  const kind = patchKindOf(call.request);
  if (kind === 'strategic' && call.info.type) throw noStrategicPatch();
  const query = writeQueryOf(call);
  const body = await readPatch(call.request, kind === 'apply');
  return kind === 'apply' ? apply(context, call, query, body) : patchExisting(context, call, query, kind, body);
}

function patchExisting(context: ServerContext, call: Call, query: WriteQuery, kind: PatchKind, body: Wire): Answer {
  const { registry, writes } = context;
  const { info, namespace, name = '' } = call;
  const current = registry.need(info, namespace, name);
  const result = patched(current, kind, body, typeOf(info));
  const { object, warnings } = decodePatched(info, result, query.validation, { patch: kind === 'strategic' ? goText(body) : JSON.stringify(result) });
  keepNamespaceFinalizers(object, current, call);
  placeAt(object, call);
  if (object.metadata.uid !== current.metadata.uid)
    throw invalid(info, name, Array(2).fill(invalidValue('metadata.uid', object.metadata.uid, 'field is immutable')));
  const options = { ...optionsOf(context, call, query), ...(forgetsOwners(result) && { track: withoutOwners }) };
  const updated = writes.counted(registry, info, () => registry.update(info, object, options));
  return answerOf(bodyOf(updated), 200, warningHeader(warnings));
}

function typedConfiguration(call: Call, body: Wire): Wire {
  const { info } = call;
  const { apiVersion = '', kind = '', metadata } = body;
  const version = String(apiVersion).includes('/') ? apiVersion : `/${apiVersion}`;
  const place = `(${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${version}, Kind=${kind})`;
  const problem = typedProblem(body, typeOf(info), '');
  if (problem) throw new StatusError(500, '', `failed to create typed patch object ${place}: ${problem}`);
  try {
    return decode(info.kind, body, typeOf(info)).object;
  } catch (error) {
    if (error instanceof DecodeError) throw new StatusError(500, '', `failed to create typed patch object ${place}: ${error.message}`);
    throw error;
  }
}

function apply(context: ServerContext, call: Call, query: WriteQuery, body: Wire): Answer {
  const { registry, writes, users } = context;
  const { info, namespace, name = '' } = call;
  if (!call.query.get('fieldManager'))
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [required('fieldManager', 'is required for apply patch')]);
  if (!isRecord(body)) throw badRequest('error decoding YAML: the configuration is not an object');
  if (body.metadata?.managedFields) throw badRequest('metadata.managedFields must be nil');
  const { apiVersion = '', kind = '' } = body;
  if (kind !== info.kind || apiVersion !== apiVersionOf(info)) {
    throw badRequest(`invalid object type: ${String(apiVersion).includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`);
  }
  const config = typedConfiguration(call, body);
  const named = Boolean(config.metadata?.name);
  placeAt(config, call);
  const current = registry.store.get(qualified(info), namespace, name);
  const version = config.metadata.resourceVersion;
  if (!current) users.require(call.user, accessOf('create', info, call));
  if (!current && config.metadata.uid) throw notFound(info, name);
  const force = call.query.get('force') === 'true' || call.query.get('force') === '1';
  const applied = applyConfiguration(current, config, writerOf(context, call, query), force, typeOf(info));
  if (!named) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (!current) delete applied.object.metadata.resourceVersion;
  // What lost its last item goes, as Go leaves empty lists and maps out.
  const { object } = decode(info.kind, applied.object, typeOf(info));
  const options: WriteOptions = {
    dryRun: query.dryRun,
    subresource: call.subresource === 'status' ? 'status' : undefined,
    track: (draft) => setOwners(draft, applied.owners),
  };
  const stored = writes.counted(
    registry,
    info,
    (): KubeObject =>
      current
        ? registry.update(info, { ...object, metadata: { ...object.metadata, ...(version && { resourceVersion: version }) } }, options)
        : registry.create(info, object, options),
  );
  return answerOf(bodyOf(stored), current ? 200 : 201);
}

interface DeleteRequest {
  readonly dryRun: boolean;
  readonly grace: number | undefined;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

const POLICIES = ['Background', 'Foreground', 'Orphan'] as const;

async function deleteOptionsOf(call: Call): Promise<DeleteRequest> {
  const body = (await readObject(call.request, 'DeleteOptions')) ?? {};
  const { dryRun } = writeQueryOf(call);
  const asked = body.gracePeriodSeconds ?? call.query.get('gracePeriodSeconds') ?? undefined;
  if (body.propagationPolicy !== undefined && body.orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [invalidValue('propagationPolicy', body.propagationPolicy, why)]);
  }
  const propagation = body.propagationPolicy ?? call.query.get('propagationPolicy') ?? (body.orphanDependents ? 'Orphan' : undefined);
  if (propagation !== undefined && !POLICIES.includes(propagation)) {
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      notSupported('propagationPolicy', propagation, ['Foreground', 'Background', 'Orphan', 'nil']),
    ]);
  }
  return {
    dryRun: dryRun || (body.dryRun ?? []).includes('All'),
    grace: asked === undefined ? undefined : Number(asked),
    propagation,
    uid: body.preconditions?.uid,
    resourceVersion: body.preconditions?.resourceVersion,
  };
}

export async function remove(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, namespace, name = '' } = call;
  const options = await deleteOptionsOf(call);
  const { object, removed } = writes.counted(registry, info, () => registry.delete(info, namespace, name, options));
  if (!removed || info.returnsDeleted) return answerOf(bodyOf(object));
  const details = { name, ...(info.group !== '' && { group: info.group }), kind: info.plural, uid: object.metadata.uid };
  return json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

export async function removeAll(context: ServerContext, call: Call): Promise<Answer> {
  const { registry, writes } = context;
  const { info, namespace } = call;
  if (info.plural === 'namespaces' && info.group === '') throw methodNotAllowed();
  const { uid: _, resourceVersion: __, ...options } = await deleteOptionsOf(call);
  const filter = filterOf(call) ?? (() => true);
  const found = registry.store.list(qualified(info), namespace).filter(filter);
  const items = found.map(({ metadata }) => {
    return writes.counted(registry, info, () => registry.delete(info, metadata.namespace, metadata.name, options)).object;
  });
  return answerOf(writerFor(call, () => context.clock.now()).list(items, { resourceVersion: String(registry.store.version) }));
}
