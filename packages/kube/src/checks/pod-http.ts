import type { Http, HttpInit, HttpReply, PortContext, TrackName } from '@shepherd/core';
import { toMs } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { type Container, ownedBy, type Pod, paths, type Service } from '../objects.js';
import type { KubeApp } from '../options.js';
import { currentReplicaSet, wasNeverReady } from '../ready/track-status.js';
import { observe } from '../tracks/tracks.js';
import { readWorkload, trackOf, type Workload } from '../workload.js';

/** Asks pods through the API server's proxy, so that it works from anywhere the API can be reached (RR G8). */
export const podHttp =
  (cluster: Cluster, context: PortContext): Http =>
  (to, path, init = {}) =>
    translated(context, `ask ${to} of ${context.app.name} for ${path}`, async () => {
      const workload = await readWorkload(cluster.at(context), context.app, context.signal);
      if (to === 'service') return askService(cluster, context, workload, path, init);
      const pods = await podsOf(cluster, context, workload, to);
      return Promise.all(
        pods.map((pod) =>
          ask(
            cluster,
            context,
            pod.metadata.name,
            `${paths.pods(workload.namespace, pod.metadata.name)}:${portOf(cluster, context, workload, pod)}/proxy`,
            path,
            init,
          ),
        ),
      );
    });

/** Living pods of the track's current template that are ready or were; one that starts has nothing to say yet. */
export async function podsOf(cluster: Cluster, context: PortContext, workload: Workload, track: TrackName): Promise<readonly Pod[]> {
  const deployment = trackOf(workload, track);
  if (deployment === undefined) return [];
  const observation = await observe(cluster.at(context), workload, deployment, context.signal);
  const uid = currentReplicaSet(observation)?.metadata.uid;
  return observation.pods.filter(
    (pod) => ownedBy(pod, uid) && pod.metadata.deletionTimestamp === undefined && pod.status?.phase === 'Running' && !wasNeverReady(pod),
  );
}

/** The container that answers requests: the one that was named, has the Service's port, is named like the app, or has a probe; else the first. */
export function servingContainer(
  containers: readonly Container[],
  app: string,
  { container }: KubeApp,
  port: number | string | undefined,
): Container | undefined {
  const has = ({ ports }: Container): boolean =>
    (ports ?? []).some(({ name, containerPort }) => port !== undefined && (name === port || containerPort === port));
  return (
    containers.find(({ name }) => name === container) ??
    containers.find(has) ??
    containers.find(({ name }) => name === app) ??
    containers.find(({ readinessProbe }) => readinessProbe !== undefined) ??
    containers[0]
  );
}

const numberOf = (container: Container | undefined, port: number | string): number | undefined =>
  typeof port === 'number' ? port : container?.ports?.find(({ name }) => name === port)?.containerPort;

function portOf(cluster: Cluster, { app }: PortContext, { services }: Workload, { spec }: Pod): number {
  const settings = cluster.app(app);
  const wanted = settings.port ?? services[0]?.spec.ports?.[0]?.targetPort ?? services[0]?.spec.ports?.[0]?.port;
  const container = servingContainer(spec.containers, app.name, settings, wanted);
  return (wanted === undefined ? undefined : numberOf(container, wanted)) ?? container?.ports?.[0]?.containerPort ?? 80;
}

async function askService(cluster: Cluster, context: PortContext, { services }: Workload, path: string, init: HttpInit): Promise<readonly HttpReply[]> {
  const [service]: readonly Service[] = services;
  if (service === undefined) return [];
  const port = service.spec.ports?.[0]?.port;
  return [
    await ask(
      cluster,
      context,
      service.metadata.name,
      `${paths.services(context.app.namespace, service.metadata.name)}${port === undefined ? '' : `:${port}`}/proxy`,
      path,
      init,
    ),
  ];
}

async function ask(cluster: Cluster, { signal, clock }: PortContext, pod: string, proxy: string, path: string, init: HttpInit): Promise<HttpReply> {
  const started = clock.monotonicMs();
  const took = (): number => Math.round(clock.monotonicMs() - started);
  try {
    const { status, headers, text } = await cluster.api.raw(init.method ?? 'GET', `${proxy}${path.startsWith('/') ? path : `/${path}`}`, {
      signal,
      timeoutMs: toMs(init.timeout ?? '5s'),
      ...(init.headers === undefined ? {} : { headers: init.headers }),
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    // The API server's own "nothing answered" is no answer of the app.
    if (status >= 500 && isProxyError(text)) return { pod, status: 0, headers, text: proxyReason(text).slice(0, 500), ms: took() };
    return { pod, status, headers, text, ms: took() };
  } catch (error) {
    signal.throwIfAborted();
    return { pod, status: 0, headers: {}, text: error instanceof Error ? error.message : String(error), ms: took() };
  }
}

/** What the API server says in words, without the Status around it. */
function proxyReason(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

function isProxyError(text: string): boolean {
  return text.startsWith('{"kind":"Status"') || text.startsWith('error trying to reach service');
}

/** Where the app says over HTTP that it is well. */
export async function healthPath(cluster: Cluster, context: PortContext): Promise<string | undefined> {
  const { stable, services } = await translated(context, `read ${context.app.name}`, () => readWorkload(cluster.at(context), context.app, context.signal));
  const settings = cluster.app(context.app);
  const port = settings.port ?? services[0]?.spec.ports?.[0]?.targetPort;
  const container = servingContainer(stable.spec.template.spec.containers, context.app.name, settings, port);
  return container?.readinessProbe?.httpGet?.path ?? container?.livenessProbe?.httpGet?.path;
}
