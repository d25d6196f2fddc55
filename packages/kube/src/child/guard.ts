import { type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import { type KubeApi, KubeError, type KubeObject } from '../api/index.js';
import type { ForwardAnswer, ForwardRequest } from '../api/kube-api.js';
import { parseKubePath } from '../api/kube-path.js';
import { readText } from '../api/transport.js';
import { type Cluster, checkFence } from '../cluster.js';
import { names } from '../names.js';
import { type Deployment, paths, type Service } from '../objects.js';
import { workloadOf } from '../state/fence-workload.js';
import { candidateName, isCopy, reaches } from '../workload.js';
import { type Body, withHeldFields } from './held-fields.js';
import { isProtobuf, withAnnotations } from './protobuf.js';

const attempts = 5;
const maxConflictBytes = 4 * 1024 * 1024;
const applyType = 'application/apply-patch+yaml';
const helmRelease = 'helm.sh/release.v1';
const metadataOnly = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

const isWrite = (context: PortContext | WriteContext): context is WriteContext => 'fence' in context;

/** Asks, and stores nothing. */
export const isHarmless = ({ method, path }: ForwardRequest): boolean =>
  ['GET', 'HEAD', 'OPTIONS'].includes(method) ||
  new URL(path, 'http://api').searchParams.get('dryRun') === 'All' ||
  (method === 'POST' && parseKubePath(path).group === 'authorization.k8s.io');

/**
 * A child's request as the holder of a lock may send it. Writes go out only while our fence stands on stable; those to the Deployments and Services of the app
 * in the version that was read under it, so that none of them lands after a new holder of the lock came (RR PT-7).
 */
export async function guarded(cluster: Cluster, context: PortContext | WriteContext, request: ForwardRequest): Promise<ForwardAnswer> {
  if (isHarmless(request)) return cluster.api.forward(request);
  if (!isWrite(context)) throw refusal('this child process may only read: nothing was asked to be written');
  const path = request.path.split('?', 1)[0] as string;
  const { stable, isOwn } = await objectAt(cluster, context, path);
  if (stable !== undefined) checkFence(context, stable);
  if (request.method === 'PATCH' && isOwn) return fencedPatch(cluster, context, request, path);
  return cluster.api.forward(await marked(cluster, context, request));
}

interface Found {
  /** Undefined: the app is gone, or is not made yet. */
  readonly stable: Deployment | undefined;
  /** The object of the path is a Deployment or Service of the app. */
  readonly isOwn: boolean;
}

/** By name alone: a list that must not be stale waits up to 0.1 s after each write, and a child writes many objects. */
async function objectAt(cluster: Cluster, context: WriteContext, path: string): Promise<Found> {
  const { app, signal } = context;
  const { workload = app.name, services } = cluster.app(app);
  const at = (name: string): string => paths.deployments(app.namespace, name);
  const { resource, name } = parseKubePath(path);
  const isService = resource === 'services' && name !== undefined && path === paths.services(app.namespace, name);
  const [stable, object] = await Promise.all([
    cluster.find<Deployment>(at(workload), signal),
    isService || path === at(candidateName(workload)) ? cluster.find<Deployment | Service>(path, signal) : undefined,
  ]);
  if (stable === undefined) return objectOfPair(cluster, context, path);
  if (path === at(workload)) return { stable, isOwn: true };
  if (object === undefined) return { stable, isOwn: false };
  if (path === at(candidateName(workload))) return { stable, isOwn: isCopy(object as Deployment) };
  return { stable, isOwn: object.metadata.labels?.[names.preview] === undefined && reaches(object as Service, stable, services) };
}

/** A pair of colours is known by what its Service selects. */
async function objectOfPair(cluster: Cluster, context: WriteContext, path: string): Promise<Found> {
  const workload = await workloadOf(cluster, context);
  if (workload === undefined) return { stable: undefined, isOwn: false };
  const { stable, candidate, services, namespace } = workload;
  const own = [
    ...[stable, ...(candidate === undefined ? [] : [candidate])].map(({ metadata }) => paths.deployments(namespace, metadata.name)),
    ...services.map(({ metadata }) => paths.services(namespace, metadata.name)),
  ];
  return { stable, isOwn: own.includes(path) };
}

const refusal = (reason: string): ShepherdError =>
  new ShepherdError('ERR_FORBIDDEN', reason, { facts: { missing: [] }, remedy: 'this is a defect of Shepherd: report it' });

/** Our fence first, then the child's patch of the version that has it; again where somebody wrote in between. */
async function fencedPatch(cluster: Cluster, context: WriteContext, request: ForwardRequest, path: string): Promise<ForwardAnswer> {
  const { parse } = await import('yaml');
  const type = request.headers['content-type'] ?? '';
  const body = parse(textOf(request)) as Body | readonly object[];
  for (let attempt = 1; ; attempt += 1) {
    const live = await cluster.change<Deployment | Service>(context, path, () => ({ metadata: { annotations: {} } }));
    const { resourceVersion } = live.metadata;
    const pinned = isOperations(body)
      ? [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...body]
      : withVersion(withHeldFields(body, live, type === applyType), resourceVersion);
    const answer = await unlessOurs(cluster.api, { ...request, body: JSON.stringify(pinned) });
    if (answer.status !== 409 || attempt === attempts) return answer;
    const now = await cluster.api.get(path, { signal: context.signal });
    if (now.metadata.resourceVersion === resourceVersion) return answer;
  }
}

const textOf = ({ body = '{}' }: ForwardRequest): string => (typeof body === 'string' ? body : new TextDecoder().decode(body));

const isOperations = (body: Body | readonly object[]): body is readonly object[] => Array.isArray(body);

const withVersion = (body: object, resourceVersion: string | undefined): object => ({
  ...body,
  metadata: { ...(body as Partial<KubeObject>).metadata, resourceVersion },
});

/** A server-side apply that conflicts with nobody but ourselves takes what we wrote for a rollout over. */
async function unlessOurs(api: KubeApi, request: ForwardRequest): Promise<ForwardAnswer> {
  const answer = await api.forward(request);
  if (answer.status !== 409 || request.headers['content-type'] !== applyType) return answer;
  const text = (await readText(answer.body, maxConflictBytes)) ?? '';
  if (!conflictsWithUsAlone(text)) return { ...answer, body: [new TextEncoder().encode(text)] as never };
  const url = new URL(request.path, 'http://api');
  url.searchParams.set('force', 'true');
  return api.forward({ ...request, path: `${url.pathname}${url.search}` });
}

function conflictsWithUsAlone(text: string): boolean {
  try {
    const { details } = JSON.parse(text) as { details?: { causes?: readonly { reason?: string; message?: string }[] } };
    const causes = details?.causes ?? [];
    return causes.length > 0 && causes.every(({ reason, message = '' }) => reason === 'FieldManagerConflict' && message.startsWith('conflict with "shepherd"'));
  } catch {
    return false;
  }
}

/** What is created says whose it is: Deployments and Services as our own do, and helm's record of a release, which tells who left it unfinished. */
async function marked(cluster: Cluster, context: WriteContext, request: ForwardRequest): Promise<ForwardRequest> {
  const { resource, subresource } = parseKubePath(request.path);
  if (resource === 'secrets' && request.method === 'PUT' && subresource === undefined) return carried(cluster, context, request);
  const creates = request.method === 'POST' || request.headers['content-type'] === applyType;
  if (!creates || subresource !== undefined || !['deployments', 'services', 'secrets'].includes(resource)) return request;
  return annotated(request, resource === 'secrets', { [names.rolloutId]: context.rolloutId, [names.fence]: String(context.fence) });
}

/** Helm writes its records whole: whose one is stays on it. */
async function carried(cluster: Cluster, context: WriteContext, request: ForwardRequest): Promise<ForwardRequest> {
  const path = request.path.split('?', 1)[0] as string;
  const { status, text } = await cluster.api.raw('GET', path, { signal: context.signal, headers: { accept: metadataOnly } });
  if (status !== 200) return request;
  const { annotations = {} } = (JSON.parse(text) as KubeObject).metadata;
  const own = Object.fromEntries(Object.entries(annotations).filter(([name]) => name === names.rolloutId || name === names.fence));
  return Object.keys(own).length === 0 ? request : annotated(request, true, own);
}

async function annotated(request: ForwardRequest, isSecret: boolean, marks: Readonly<Record<string, string>>): Promise<ForwardRequest> {
  if (isProtobuf(request.body)) {
    if (isSecret && !Buffer.from(request.body).includes(helmRelease)) return request;
    return { ...request, body: withAnnotations(request.body, marks) };
  }
  const { parse } = await import('yaml');
  const body = parse(textOf(request)) as KubeObject & { readonly type?: string };
  if (isSecret && body.type !== helmRelease) return request;
  return { ...request, body: JSON.stringify({ ...body, metadata: { ...body.metadata, annotations: { ...body.metadata?.annotations, ...marks } } }) };
}

/** A refusal as the API server would put it. */
export function statusOf(error: unknown): { readonly code: number; readonly text: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    KubeError.is(error) && error.status > 0 ? error.status : ShepherdError.is(error, 'ERR_LOCK_LOST') || ShepherdError.is(error, 'ERR_FORBIDDEN') ? 403 : 502;
  const reason = code === 403 ? 'Forbidden' : code === 409 ? 'Conflict' : 'InternalError';
  return { code, text: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `shepherd: ${message}` }) };
}
