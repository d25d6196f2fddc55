import {
  type App,
  type AppParts,
  type Asked,
  type Definition,
  type PlanNeeds,
  type Platform,
  type PortContext,
  systemClock,
  type WriteContext,
} from '@shepherd/core';
import { KubeActions } from './actions/actions.js';
import { KubeAutoscaler } from './autoscalers/autoscaler.js';
import { podExec } from './checks/pod-exec.js';
import { healthPath, podHttp } from './checks/pod-http.js';
import { childEnv } from './child/child-env.js';
import { forgetKinds } from './child/discovery-cache.js';
import { Cluster, translated } from './cluster.js';
import { fenceKept } from './companions/fence-kept.js';
import { KubeDiagnosis } from './diagnosis/diagnosis.js';
import { KubeEvents } from './events/kube-events.js';
import type { JobInput } from './jobs/job.js';
import { jobStep } from './jobs/job-step.js';
import type { KubeRelease, KubernetesOptions } from './options.js';
import { checkAccess, explainForbidden } from './preflight/access.js';
import { examine } from './preflight/examine.js';
import { lint } from './preflight/lint.js';
import { KubeReleases } from './releases/releases.js';
import { ServiceRouter } from './routers/service-router.js';
import { ConfigMapBaselines } from './state/config-map-baselines.js';
import { ConfigMapIncidents } from './state/config-map-incidents.js';
import { ConfigMapJournal } from './state/config-map-journal.js';
import { fenceWorkload } from './state/fence-workload.js';
import { LeaseLock } from './state/lease-lock.js';
import { KubeTracks } from './tracks/tracks.js';
import { readWorkload } from './workload.js';

/** The platform, and what it brings for the `extensions` of a Shepherd. */
export interface KubePlatform extends Platform<KubeRelease> {
  /** A Job of the cluster as a step, a migration say: once for a rollout, over crashes too. Register it (`extensions: [platform.job]`) to use it. */
  readonly job: Definition<'step', JobInput>;
}

/** Deployments and Services of one cluster. Connects at first use; installs nothing in the cluster. */
export function kubernetes(options: KubernetesOptions = {}): KubePlatform {
  const cluster = new Cluster(options);
  const autoscaler = new KubeAutoscaler(cluster);
  const releases = new KubeReleases(cluster);
  const observer = options.events === false ? undefined : new KubeEvents(cluster);
  return {
    specificationVersion: 'v1',
    name: 'kubernetes',
    job: jobStep(cluster),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    releases,
    tracks: new KubeTracks(cluster),
    router: new ServiceRouter(cluster),
    autoscaler,
    journal: new ConfigMapJournal(cluster),
    lock: new LeaseLock(cluster),
    actions: new KubeActions(cluster),
    diagnosis: new KubeDiagnosis(cluster),
    baselines: new ConfigMapBaselines(cluster),
    incidents: new ConfigMapIncidents(cluster),
    ...(observer === undefined ? {} : { observer }),
    http: (context: PortContext) => podHttp(cluster, context),
    // An API in this process has no WebSockets.
    ...(options.transport === undefined ? { exec: (context: PortContext) => podExec(cluster, context) } : {}),
    healthPath: (context: PortContext) => healthPath(cluster, context),
    checks: (app: App) => cluster.app(app).checks,
    lint: async (context: PortContext, release: KubeRelease, needs: PlanNeeds) =>
      (await Promise.all([lint(cluster, releases, context, { release, needs }), needs.autoscaler ? autoscaler.lint(context) : []])).flat(),
    async fence(context: WriteContext) {
      const fences = [
        fenceWorkload(cluster, context),
        autoscaler.fence(context),
        translated(context, 'take over what is kept', () => fenceKept(cluster, context)),
      ];
      for (const each of await Promise.allSettled(fences)) if (each.status === 'rejected') throw each.reason;
    },
    preflight: (context: PortContext, asked?: Asked<KubeRelease>) =>
      asked === undefined ? checkAccess(cluster, context) : examine(cluster, releases, context, asked),
    childEnv: (context: PortContext | WriteContext, options) => childEnv(cluster, context, options),
    async resolve(ref: AppParts, signal = new AbortController().signal) {
      return translated({ signal }, `find ${ref.name}`, async () => {
        const namespace = ref.namespace ?? (await cluster.namespace());
        const found = translated({ signal }, `find ${ref.name}`, () => readWorkload(cluster, { namespace, name: ref.name }, signal));
        const app = { cluster: ref.cluster ?? 'default', namespace, name: ref.name };
        await found.catch((error: unknown) => explainForbidden(cluster, { app, rolloutId: undefined, signal, clock: options.clock ?? systemClock }, error));
        return { namespace, name: ref.name };
      });
    },
    async [Symbol.asyncDispose]() {
      observer?.stop();
      await Promise.all([cluster.api.close(), forgetKinds(cluster)]);
    },
  };
}
