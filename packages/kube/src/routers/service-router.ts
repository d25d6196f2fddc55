import { invalidOptions, type PortContext, type RouterInfo, ShepherdError, type TrackName, type TrafficRouter, type WriteContext } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { names } from '../names.js';
import { annotation, type EndpointSlice, type Labels, type Pod, paths, type Service, selects } from '../objects.js';
import { judgeTrack, servedBy } from '../ready/track-status.js';
import { observe } from '../tracks/tracks.js';
import { isIsolated, labelsOf, readWorkload, trackOf, type Workload } from '../workload.js';

const obeyedMs = 30_000;
const lookEveryMs = 50;

/** Services send to whoever their selector matches: by the selector all or nothing, by the share of pods anything between. */
export class ServiceRouter implements TrafficRouter {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  describe(context: PortContext): Promise<RouterInfo> {
    return translated(context, `read the Services of ${context.app.name}`, async () => {
      const { router = 'auto' } = this.#cluster.app(context.app);
      if (typeof router !== 'string') {
        throw invalidOptions([
          {
            path: 'app.router',
            got: JSON.stringify(router),
            expected: "'auto', 'service' or 'replica-ratio': routers for Gateway API, Istio and ingress-nginx are not built yet",
          },
        ]);
      }
      const { services } = await readWorkload(this.#cluster.at(context), context.app, context.signal);
      if (services.length === 0) return { name: 'pods without a Service', granularity: 'replicas', switches: false };
      if (router === 'service') return { name: 'Service selector', granularity: 'binary', switches: true };
      return { name: 'Service', granularity: 'replicas', switches: true };
    });
  }

  get(context: PortContext): Promise<number> {
    return translated(context, `read the traffic of ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster.at(context), context.app, context.signal);
      if (workload.candidate === undefined) return strayShare(workload);
      return isIsolated(workload) ? switchedShare(workload) : this.#shareOfPods(context, workload);
    });
  }

  set(context: WriteContext, weight: number): Promise<number> {
    return translated(context, `move the traffic of ${context.app.name} to ${weight} %`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      if (workload.candidate !== undefined && !isIsolated(workload)) return this.#shareOfPods(context, workload);
      if (weight > 0 && workload.services.length === 0) throw noService(context.app.name);
      const to: TrackName = weight > 0 ? 'candidate' : 'stable';
      const written: Service[] = [];
      for (const service of workload.services) written.push(await this.#switch(context, workload, service, to));
      for (const service of workload.services) await this.#obeyed(context, workload, service, to);
      // A read may be of before our own write; what the write answered never is (KC LW-1). What others write from here on is drift.
      const now = { ...(await readWorkload(this.#cluster, context.app, context.signal)), services: written };
      return now.candidate === undefined ? strayShare(now) : switchedShare(now);
    });
  }

  async #shareOfPods(context: PortContext, workload: Workload): Promise<number> {
    const { candidate, stable } = workload;
    if (candidate === undefined) return 0;
    const [a, b] = await Promise.all(
      [candidate, stable].map(async (each) => judgeTrack(await observe(this.#cluster.at(context), workload, each, context.signal)).ready),
    );
    const [ofCandidate = 0, ofStable = 0] = [a, b];
    return ofCandidate + ofStable === 0 ? 0 : Math.round((100 * ofCandidate) / (ofCandidate + ofStable));
  }

  /** One patch a Service: all keys of the selector change together (guide D13). */
  async #switch(context: WriteContext, workload: Workload, service: Service, to: TrackName): Promise<Service> {
    const labels = labelsOf(trackOf(workload, to) ?? workload.stable);
    const path = paths.services(context.app.namespace, service.metadata.name);
    const decide = (current: Service): object | undefined => {
      const selector = current.spec.selector ?? {};
      const wanted: Labels = Object.fromEntries(Object.keys(selector).map((key) => [key, labels[key] ?? selector[key] ?? '']));
      if (Object.entries(wanted).every(([key, value]) => selector[key] === value)) return undefined;
      const original = annotation(current, names.selector) ?? JSON.stringify(selector);
      const kept = workload.roles === 'keep' ? { [names.selector]: to === 'stable' ? null : original } : {};
      return { metadata: { annotations: kept }, spec: { selector: wanted } };
    };
    return this.#cluster.change<Service>(context, path, decide, { seen: service });
  }

  /** The endpoints are what proxies obey: read back until they hold pods of the wanted track and no other (RR ORD-7). */
  async #obeyed({ signal, clock, app }: WriteContext, workload: Workload, { metadata }: Service, to: TrackName): Promise<void> {
    const deployment = trackOf(workload, to);
    if (deployment === undefined) return;
    const until = clock.monotonicMs() + obeyedMs;
    const query = { labelSelector: `kubernetes.io/service-name=${metadata.name}` };
    for (;;) {
      const [{ items: slices }, { pods }] = await Promise.all([
        this.#cluster.api.list<EndpointSlice>(paths.endpointSlices(app.namespace), { signal, query }),
        observe(this.#cluster, { ...workload, services: [], previews: [] }, deployment, signal).then(judgeTrack),
      ]);
      const served = servedBy(slices, metadata.name);
      const ready = pods.filter(isReady).map((pod) => pod.metadata.name);
      const mine = new Set(pods.map((pod) => pod.metadata.name));
      if (served.size > 0 && ready.every((name) => served.has(name)) && [...served].every((name) => mine.has(name))) return;
      if (clock.monotonicMs() > until) {
        throw new ShepherdError(
          'ERR_TIMEOUT',
          `the endpoints of Service ${metadata.name} still hold ${[...served].join(', ') || 'no pod'}, expected the pods of ${to}`,
          {
            facts: { what: `Service ${metadata.name} obeys its selector`, afterMs: obeyedMs, last: [...served].join(', ') },
            remedy: 'see that the endpoint slice controller runs, and who else writes the Service',
          },
        );
      }
      await clock.sleep(lookEveryMs, signal);
    }
  }
}

const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Percent of the app's Services that send to the candidate. */
function switchedShare({ services, candidate, stable }: Workload): number {
  if (candidate === undefined || services.length === 0) return 0;
  const labels = labelsOf(candidate);
  const own = labelsOf(stable);
  const switched = services.filter(
    ({ spec }) =>
      Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value) &&
      Object.entries(spec.selector ?? {}).some(([key, value]) => own[key] !== value),
  );
  return Math.round((100 * switched.length) / services.length);
}

/** Percent of the app's Services that a rollout switched away and that send to nobody now, because the candidate was taken away. */
function strayShare({ services, stable }: Workload): number {
  const stray = services.filter((service) => annotation(service, names.selector) !== undefined && !selects(service.spec.selector, labelsOf(stable)));
  return services.length === 0 ? 0 : Math.round((100 * stray.length) / services.length);
}

const noService = (app: string): ShepherdError =>
  new ShepherdError('ERR_CONFLICT', `no Service selects ${app} any more, so there is no traffic to move`, {
    facts: { object: app, reason: 'its Services were changed or deleted' },
    remedy: 'see who changed the selector of the Service',
  });
