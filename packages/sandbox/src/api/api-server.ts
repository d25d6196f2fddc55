import type { Clock, PlainAnswer, PlainRequest } from '@shepherd/core';
import { seededRandom } from '../random.js';
import type { SandboxObjects } from './create-objects.js';
import type { Fault, FaultMatch } from './faults/fault.js';
import { type Asked, Faults } from './faults/faults.js';
import { type KubeconfigOptions, kubeconfigText } from './kubeconfig.js';
import type { NodePort } from './objects.js';
import { isOpenReview, isReview, review } from './server/access-review.js';
import { type Answer, answerOf, failure, responseOf, text } from './server/answer.js';
import { type Call, targetOf } from './server/call.js';
import { type ServerContext, WriteCount } from './server/context.js';
import { discover } from './server/discovery.js';
import { evict } from './server/eviction.js';
import { writerFor } from './server/form.js';
import { type Listening, listenOn } from './server/http-listener.js';
import { type Incoming, plainRequest } from './server/incoming.js';
import { list, readOne } from './server/list.js';
import { answerNewEvents, newEvents } from './server/new-events.js';
import { log, proxy } from './server/pod-subresources.js';
import { Roles } from './server/roles.js';
import { scale } from './server/scale.js';
import { askedOf, serveFaulty } from './server/serve-faulty.js';
import { type AccessRule, accessOf, type User, Users } from './server/users.js';
import { watch } from './server/watch.js';
import { create, patch, remove, removeAll, update } from './server/write.js';
import { methodNotAllowed, noSuchPath, StatusError } from './status-error.js';

export interface ApiServerOptions {
  readonly objects: SandboxObjects;
  /** Answers for pods: logs, and requests through the proxy. */
  readonly node: NodePort;
  readonly clock: Clock;
  /** Of faults that meet by chance. @default 1 */
  readonly seed?: number | undefined;
}

/** A Kubernetes API server in this process. */
export interface ApiServer {
  /** The server called in memory. A watch's body ends when the request's signal aborts; a dropped answer rejects as `fetch` does. */
  handle(request: Request): Promise<Response>;
  /** The same as plain data. */
  answer(request: PlainRequest): Promise<PlainAnswer>;
  /** The same server on 127.0.0.1, on a free port. Who sends no token there is the admin: `kubectl` and `helm` send theirs over TLS alone. */
  listen(): Promise<Listening>;
  /** Writes of clients that changed something, by resource (`deployments.apps`); what controllers do is not counted. */
  readonly writes: { readonly total: number; byResource(): Readonly<Record<string, number>> };
  /** @returns takes the fault back */
  fault(match: FaultMatch, fault: Fault): () => void;
  /** Token of a user who may do everything. */
  readonly adminToken: string;
  /** From now on the admin's token is another one, and the old one is answered 401. @returns the new one */
  rotateToken(): string;
  /** Forgets the past: pages and watches that go on from before are answered 410. */
  compact(): void;
  /** Leaves no timer. */
  close(): void;
  /** @returns the token of a user who may do only this */
  addUser(name: string, rules: readonly AccessRule[]): string;
  /** For the admin, unless another token is given. */
  kubeconfigFor(url: string, options?: Partial<KubeconfigOptions>): string;
}

const SUBRESOURCES: Readonly<Record<string, (context: ServerContext, call: Call) => Promise<Answer> | Answer>> = {
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

function dispatchObject(context: ServerContext, call: Call): Promise<Answer> | Answer {
  const { info, name, verb } = call;
  if (!info.verbs.includes(verb)) throw methodNotAllowed();
  const isOne = name !== undefined;
  const now = (): Date => context.clock.now();
  switch (verb) {
    case 'get':
      return isOne ? answerOf(writerFor(call, now).one(readOne(context.registry, call))) : refuseMethod();
    case 'list':
      return list(context.registry, call, now);
    case 'watch':
      return watch(context, call);
    case 'create':
      return isOne ? refuseMethod() : isReview(info) ? review(context, call) : create(context, call);
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

function dispatch(context: ServerContext, call: Call): Promise<Answer> | Answer {
  const { subresource } = call;
  if (subresource === undefined) return dispatchObject(context, call);
  const handler = SUBRESOURCES[subresource];
  return handler ? handler(context, call) : refuseMethod();
}

interface Arrived {
  readonly request: Incoming;
  readonly url: URL;
  /** Over loopback HTTP. */
  readonly local: boolean;
  readonly asked: () => Asked;
  readonly fault: Fault | undefined;
}

async function answer(context: ServerContext, { request, url, local, asked, fault }: Arrived): Promise<Answer> {
  const user: User = context.users.of(request, local);
  const { resources } = context.registry;
  const target = targetOf(url, request.method, resources);
  if (!target) {
    context.users.requirePath(user, request.method.toLowerCase(), url.pathname);
    // An unknown group is no address at all; an unknown version of a known one is a missing resource.
    const [, root, group] = url.pathname.split('/');
    const isKnown = root === 'apis' && resources.all().some((info) => info.group === group);
    if (isKnown && request.method === 'GET') return discover(url.pathname, resources, request) ?? failure(noSuchPath());
    return (request.method === 'GET' && discover(url.pathname, resources, request)) || text('404 page not found\n', 404);
  }
  const call: Call = { ...target, request, query: url.searchParams, user, asked, fault };
  // The pod is what rights are about; its port is not part of its name.
  const name = target.subresource === 'proxy' ? target.name?.split(':')[0] : target.name;
  if (!isOpenReview(target.info)) context.users.require(user, accessOf(target.verb, target.info, { ...target, name }));
  return target.info.group === newEvents ? answerNewEvents(context, call, dispatch) : dispatch(context, call);
}

/** Not a page in a browser whose name resolves to this machine. */
const isLoopback = (request: Incoming): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(request.url).hostname);

/** The HTTP side of a sandbox's objects: discovery, verbs, patches, watches, subresources, users and faults. */
export function createApiServer({ objects, node, clock, seed }: ApiServerOptions): ApiServer {
  const users = new Users(new Roles(objects.registry.store));
  const writes = new WriteCount();
  const faults = new Faults(clock, seededRandom(seed));
  const context: ServerContext = { registry: objects.registry, clock, node, users, writes, faults };

  const serve = async (request: Incoming, local: boolean): Promise<Answer> => {
    request.signal.throwIfAborted();
    const url = new URL(request.url);
    const asked = (): Asked => askedOf(context, request, url, local);
    const fault = faults.none ? undefined : faults.take(asked());
    return serveFaulty(fault, request, clock, () =>
      answer(context, { request, url, local, asked, fault }).catch((error: unknown) => {
        // A proxy that was cut off is no answer of the server.
        if (request.signal.aborted && !(error instanceof StatusError)) throw error;
        return failure(error);
      }),
    );
  };

  return {
    handle: async (request) => responseOf(await serve(request, false)),
    answer: (request) => serve(plainRequest(request), false),
    listen: () => listenOn((request) => serve(request, isLoopback(request))),
    writes,
    fault: (match, fault) => faults.add(match, fault),
    compact: () => objects.forgetHistory(),
    get adminToken() {
      return users.adminToken;
    },
    rotateToken: () => users.rotateAdminToken(),
    close: () => faults.close(),
    addUser: (name, rules) => users.add(name, rules),
    kubeconfigFor: (url, options = {}) => kubeconfigText(url, { ...options, token: options.token ?? users.adminToken }),
  };
}
