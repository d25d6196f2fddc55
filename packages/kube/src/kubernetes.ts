import { type AppParts, type Platform, type PortContext, systemClock } from '@shepherd/core';
import { healthPath, podHttp } from './checks/pod-http.js';
import { Cluster, translated } from './cluster.js';
import type { KubeRelease, KubernetesOptions } from './options.js';
import { checkAccess, explainForbidden } from './preflight/access.js';
import { lint } from './preflight/lint.js';
import { KubeReleases } from './releases/releases.js';
import { ServiceRouter } from './routers/service-router.js';
import { ConfigMapJournal } from './state/config-map-journal.js';
import { LeaseLock } from './state/lease-lock.js';
import { KubeTracks } from './tracks/tracks.js';
import { readWorkload } from './workload.js';

/** Deployments and Services of one cluster. Connects at first use; installs nothing in the cluster. */
export function kubernetes(options: KubernetesOptions = {}): Platform<KubeRelease> {
  const cluster = new Cluster(options);
  return {
    specificationVersion: 'v1',
    name: 'kubernetes',
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    releases: new KubeReleases(cluster),
    tracks: new KubeTracks(cluster),
    router: new ServiceRouter(cluster),
    journal: new ConfigMapJournal(cluster),
    lock: new LeaseLock(cluster),
    http: (context: PortContext) => podHttp(cluster, context),
    healthPath: (context: PortContext) => healthPath(cluster, context),
    lint: (context: PortContext, release: KubeRelease) => lint(cluster, context, release),
    preflight: (context: PortContext) => checkAccess(cluster, context),
    async resolve(ref: AppParts) {
      const { signal } = new AbortController();
      return translated({ signal }, `find ${ref.name}`, async () => {
        const namespace = ref.namespace ?? (await cluster.namespace());
        const found = translated({ signal }, `find ${ref.name}`, () => readWorkload(cluster, { namespace, name: ref.name }, signal));
        const app = { cluster: ref.cluster ?? 'default', namespace, name: ref.name };
        await found.catch((error: unknown) => explainForbidden(cluster, { app, rolloutId: undefined, signal, clock: options.clock ?? systemClock }, error));
        return { namespace, name: ref.name };
      });
    },
    async [Symbol.asyncDispose]() {
      await cluster.api.close();
    },
  };
}
