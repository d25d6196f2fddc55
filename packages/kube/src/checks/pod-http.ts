import type { Http, HttpInit, HttpReply, PortContext, TrackName } from '@shepherd/core';
import { toMs } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { type Container, ownedBy, type Pod, paths, type Service } from '../objects.js';
import { currentReplicaSet } from '../ready/track-status.js';
import { mainContainer } from '../releases/release-patch.js';
import { observe } from '../tracks/tracks.js';
import { readWorkload, trackOf, type Workload } from '../workload.js';

/** Asks pods through the API server's proxy, so that it works from anywhere the API can be reached (RR G8). */
export const podHttp =
  (cluster: Cluster, context: PortContext): Http =>
  (to, path, init = {}) =>
    translated(context, `ask ${to} of ${context.app.name} for ${path}`, async () => {
      const workload = await readWorkload(cluster, context.app, context.signal);
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

/** Living pods of the track's current template. */
async function podsOf(cluster: Cluster, { signal }: PortContext, workload: Workload, track: TrackName): Promise<readonly Pod[]> {
  const deployment = trackOf(workload, track);
  if (deployment === undefined) return [];
  const observation = await observe(cluster, workload, deployment, signal);
  const uid = currentReplicaSet(observation)?.metadata.uid;
  return observation.pods.filter((pod) => ownedBy(pod, uid) && pod.metadata.deletionTimestamp === undefined && pod.status?.phase === 'Running');
}

const numberOf = (container: Container | undefined, port: number | string): number | undefined =>
  typeof port === 'number' ? port : container?.ports?.find(({ name }) => name === port)?.containerPort;

function portOf(cluster: Cluster, { app }: PortContext, { services }: Workload, { spec }: Pod): number {
  const settings = cluster.app(app);
  const container = mainContainer({ spec }, app, settings);
  const wanted = settings.port ?? services[0]?.spec.ports?.[0]?.targetPort ?? services[0]?.spec.ports?.[0]?.port;
  return (wanted === undefined ? undefined : numberOf(container, wanted)) ?? container.ports?.[0]?.containerPort ?? 80;
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
    if (status >= 500 && isProxyError(text)) return { pod, status: 0, headers, text: text.slice(0, 500), ms: took() };
    return { pod, status, headers, text, ms: took() };
  } catch (error) {
    signal.throwIfAborted();
    return { pod, status: 0, headers: {}, text: error instanceof Error ? error.message : String(error), ms: took() };
  }
}

function isProxyError(text: string): boolean {
  return text.startsWith('{"kind":"Status"') || text.startsWith('error trying to reach service');
}

/** Where the app says over HTTP that it is well. */
export async function healthPath(cluster: Cluster, context: PortContext): Promise<string | undefined> {
  const { stable } = await translated(context, `read ${context.app.name}`, () => readWorkload(cluster, context.app, context.signal));
  const { template } = stable.spec;
  const { readinessProbe, livenessProbe } = mainContainer(template, context.app, cluster.app(context.app));
  return readinessProbe?.httpGet?.path ?? livenessProbe?.httpGet?.path;
}
