import type { Clock } from '@shepherd/core';
import type { SandboxObjects } from './create-objects.js';
import { DroppedAnswerError, type Fault, type FaultMatch, Faults, hang, statusOf } from './faults.js';
import { type KubeconfigOptions, kubeconfigText } from './kubeconfig.js';
import type { NodePort } from './objects.js';
import { reviewAccess } from './server/access-review.js';
import { failure, json, text, textOf } from './server/answer.js';
import { type Call, targetOf } from './server/call.js';
import { type ServerContext, WriteCount } from './server/context.js';
import { discover } from './server/discovery.js';
import { evict } from './server/eviction.js';
import { type Listening, listenOn } from './server/http-listener.js';
import { list } from './server/list.js';
import { log, proxy } from './server/pod-subresources.js';
import { scale } from './server/scale.js';
import { type AccessRule, accessOf, type User, Users } from './server/users.js';
import { watch } from './server/watch.js';
import { create, patch, remove, removeAll, update } from './server/write.js';
import { methodNotAllowed, noSuchPath, StatusError } from './status-error.js';

export interface ApiServerOptions {
  readonly objects: SandboxObjects;
  /** Answers for pods: logs, and requests through the proxy. */
  readonly node: NodePort;
  readonly clock: Clock;
}

/** May answer instead of the server, e.g. a test that looks at each request; undefined lets it through. */
export type BeforeHook = (request: Request) => Promise<Response | undefined> | Response | undefined;

/** A Kubernetes API server in this process. */
export interface ApiServer {
  /** The server called in memory. A watch's body ends when the request's signal aborts; a dropped answer rejects as `fetch` does. */
  handle(request: Request): Promise<Response>;
  /** The same server on 127.0.0.1, on a free port. Who sends no token there is the admin: `kubectl` and `helm` send theirs over TLS alone. */
  listen(): Promise<Listening>;
  /** Writes of clients that changed something, by resource (`deployments.apps`); what controllers do is not counted. */
  readonly writes: { readonly total: number; byResource(): Readonly<Record<string, number>> };
  /** @returns takes the hook away */
  before(hook: BeforeHook): () => void;
  /** @returns takes the fault back */
  fault(match: FaultMatch, fault: Fault): () => void;
  /** Token of a user who may do everything. */
  readonly adminToken: string;
  /** @returns the token of a user who may do only this */
  addUser(name: string, rules: readonly AccessRule[]): string;
  /** For the admin, unless another token is given. */
  kubeconfigFor(url: string, options?: Partial<KubeconfigOptions>): string;
}

const SUBRESOURCES: Readonly<Record<string, (context: ServerContext, call: Call) => Promise<Response> | Response>> = {
  eviction: (context, call) => (call.verb === 'create' ? evict(context, call) : refuseMethod()),
  log: (context, call) => (call.verb === 'get' ? log(context, call) : refuseMethod()),
  proxy,
  scale: (context, call) => (['get', 'patch', 'update'].includes(call.verb) ? scale(context, call) : refuseMethod()),
  status: (context, call) => (['get', 'patch', 'update'].includes(call.verb) ? dispatchObject(context, call) : refuseMethod()),
  finalize: (context, call) => (call.verb === 'update' ? update(context, call) : refuseMethod()),
};

const refuseMethod = (): never => {
  throw methodNotAllowed();
};

function dispatchObject(context: ServerContext, call: Call): Promise<Response> | Response {
  const { info, name, namespace, verb } = call;
  if (!info.verbs.includes(verb)) throw methodNotAllowed();
  const isOne = name !== undefined;
  switch (verb) {
    case 'get':
      return isOne ? json(textOf(context.registry.need(info, namespace, name))) : refuseMethod();
    case 'list':
      return list(context.registry, call);
    case 'watch':
      return watch(context.registry, context.clock, call);
    case 'create':
      return isOne ? refuseMethod() : info.plural === 'selfsubjectaccessreviews' ? reviewAccess(context, call) : create(context, call);
    case 'update':
      return isOne ? update(context, call) : refuseMethod();
    case 'patch':
      return isOne ? patch(context, call) : refuseMethod();
    case 'delete':
      return remove(context, call);
    case 'deletecollection':
      return removeAll(context, call);
  }
}

function dispatch(context: ServerContext, call: Call): Promise<Response> | Response {
  const { subresource } = call;
  if (subresource === undefined) return dispatchObject(context, call);
  const handler = SUBRESOURCES[subresource];
  return handler ? handler(context, call) : refuseMethod();
}

/** Everybody may ask what they may do. */
const isOpen = ({ info }: Pick<Call, 'info'>): boolean => info.plural === 'selfsubjectaccessreviews';

async function answer(context: ServerContext, request: Request, url: URL, local: boolean): Promise<Response> {
  const user: User = context.users.of(request, local);
  const { resources } = context.registry;
  const target = targetOf(url, request.method, resources);
  if (!target) {
    // An unknown group is no address at all; an unknown version of a known one is a missing resource.
    const [, root, group] = url.pathname.split('/');
    const isKnown = root === 'apis' && resources.all().some((info) => info.group === group);
    if (isKnown && request.method === 'GET') return discover(url.pathname, resources) ?? failure(noSuchPath());
    return (request.method === 'GET' && discover(url.pathname, resources)) || text('404 page not found\n', 404);
  }
  const call: Call = { ...target, request, query: url.searchParams, user };
  // The pod is what rights are about; its port is not part of its name.
  const name = target.subresource === 'proxy' ? target.name?.split(':')[0] : target.name;
  if (!isOpen(call)) context.users.require(user, accessOf(target.verb, target.info, { ...target, name }));
  return dispatch(context, call);
}

function verbOf(request: Request, url: URL, context: ServerContext): string {
  try {
    return targetOf(url, request.method, context.registry.resources)?.verb ?? request.method.toLowerCase();
  } catch {
    return request.method.toLowerCase();
  }
}

/** Not a page in a browser whose name resolves to this machine. */
const isLoopback = (request: Request): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(request.url).hostname);

/** The HTTP side of a sandbox's objects: discovery, verbs, patches, watches, subresources, users and faults. */
export function createApiServer({ objects, node, clock }: ApiServerOptions): ApiServer {
  const users = new Users();
  const writes = new WriteCount();
  const context: ServerContext = { registry: objects.registry, clock, node, users, writes };
  const faults = new Faults();
  const hooks = new Set<BeforeHook>();

  const serve = async (request: Request, local: boolean): Promise<Response> => {
    request.signal.throwIfAborted();
    const url = new URL(request.url);
    for (const hook of hooks) {
      const instead = await hook(request);
      if (instead) return instead;
    }
    const fault = faults.take(verbOf(request, url, context), request.method, url.pathname + url.search);
    if (fault === 'hang') return hang(request.signal);
    if (typeof fault === 'object') return failure(statusOf(fault.status));
    const response = await answer(context, request, url, local).catch((error: unknown) => {
      // A proxy that was cut off is no answer of the server.
      if (request.signal.aborted && !(error instanceof StatusError)) throw error;
      return failure(error);
    });
    if (fault !== 'drop-answer') return response;
    await response.body?.cancel();
    throw new DroppedAnswerError();
  };

  return {
    handle: (request) => serve(request, false),
    listen: () => listenOn((request) => serve(request, isLoopback(request))),
    writes,
    before(hook) {
      hooks.add(hook);
      return () => void hooks.delete(hook);
    },
    fault: (match, fault) => faults.add(match, fault),
    adminToken: users.adminToken,
    addUser: (name, rules) => users.add({ name, rules }),
    kubeconfigFor: (url, options = {}) => kubeconfigText(url, { ...options, token: options.token ?? users.adminToken }),
  };
}
