import { type Clock, type PlainAnswer, systemClock } from '@shepherd/core';
import { type ApiServer, createApiServer } from './api-server.js';
import { createObjects, type SandboxObjects } from './create-objects.js';
import type { Wire } from './json.js';
import type { NodePort } from './objects.js';

/** A node that says what it was asked. */
export const echoNode: NodePort = {
  proxyPod: async (pod, port, { method, path }) => echo(`${pod.metadata.name} ${port} ${method} ${path}`),
  proxyService: async (service, port, { method, path }) => echo(`${service.metadata.name} ${port} ${method} ${path}`),
  log: (pod, { container, tailLines }) => ({
    text: `log of ${pod.metadata.name} ${container} ${tailLines}`,
    follow(onText, onEnd) {
      onText('more');
      onEnd();
      return () => undefined;
    },
  }),
};

const echo = (body: string): PlainAnswer => ({ status: 200, headers: {}, body });

/** A Deployment that every rule accepts. */
export const deployment = (name: string, image = 'web:1'): Wire => ({
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 5000 }] }] } },
  },
});

export interface Client {
  readonly objects: SandboxObjects;
  readonly server: ApiServer;
  as(token: string): Client;
  raw(method: string, path: string, body?: object, type?: string, signal?: AbortSignal): Promise<Response>;
  send(method: string, path: string, body?: object, type?: string): Promise<Wire>;
  get(path: string): Promise<Wire>;
  post(path: string, body: object): Promise<Wire>;
  patch(path: string, body: object, type?: string): Promise<Wire>;
}

/** A server in memory and a client of it, or another client of the same server. */
export function client({ objects, server, clock = systemClock }: { objects?: SandboxObjects; server?: ApiServer; clock?: Clock } = {}, token?: string): Client {
  const stored = objects ?? createObjects({ clock });
  const api = server ?? createApiServer({ objects: stored, node: echoNode, clock });
  const raw: Client['raw'] = (method, path, body, type = 'application/json', signal) =>
    api.handle(
      new Request(`http://sandbox${path}`, {
        method,
        headers: { authorization: `Bearer ${token ?? api.adminToken}`, 'user-agent': 'test/1', ...(body && { 'content-type': type }) },
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      }),
    );
  const send: Client['send'] = async (...request) => (await raw(...request)).json();
  return {
    objects: stored,
    server: api,
    as: (other) => client({ objects: stored, server: api }, other),
    raw,
    send,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    patch: (path, body, type = 'merge-patch+json') => send('PATCH', path, body, `application/${type}`),
  };
}
