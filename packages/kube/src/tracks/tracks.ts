import type { Drift, Expected, PortContext, Target, Track, TrackName, TrackStatus, Tracks, WriteContext } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { driftOf } from '../drift/drift.js';
import { names } from '../names.js';
import { annotation, type Deployment, type EndpointSlice, type Pod, paths, type ReplicaSet, type Service, selectorText, selects } from '../objects.js';
import { surgeOf } from '../preflight/room.js';
import { doomReport } from '../ready/doom-report.js';
import { confirmMs } from '../ready/doomed.js';
import { answersAfterMs, ProbeAnswers } from '../ready/probe-answers.js';
import { type Judgement, judgeTrack, type Observation } from '../ready/track-status.js';
import { revisionOf } from '../releases/revision.js';
import { isIsolated, labelsOf, readWorkload, refuseServing, replicasOf, trackOf, type Workload } from '../workload.js';
import { Alarm } from './alarm.js';
import { carriedBy, stillCarries, takenAway } from './carried.js';
import { together } from './together.js';

/** The pods of stable and candidate as Deployments. */
export class KubeTracks implements Tracks {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  inspect(context: PortContext): Promise<Pick<Target, 'replicas' | 'stable' | 'candidate' | 'roles' | 'surge'>> {
    return translated(context, `read ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster.at(context), context.app, context.signal);
      const [stable, candidate] = await Promise.all([this.#read(context, workload, 'stable'), this.#read(context, workload, 'candidate')]);
      const replicas = replicasOf(workload, context.rolloutId);
      return { replicas, stable, candidate, roles: workload.roles, surge: surgeOf(workload.stable, replicas) };
    });
  }

  scale(context: WriteContext, track: TrackName, replicas: number): Promise<Track> {
    return translated(context, `scale ${track} of ${context.app.name} to ${replicas}`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      const deployment = trackOf(workload, track);
      if (deployment === undefined) return absent(track);
      const wanted = replicasOf(workload, context.rolloutId);
      if (replicas === 0 && isIsolated(workload)) refuseServing(workload, deployment);
      const carried = track === 'stable' ? carriedBy(workload, replicas) : undefined;
      if (carried !== undefined && !(await stillCarries(this.#cluster, context, carried))) throw takenAway(carried);
      await this.#cluster.change<Deployment>(context, paths.deployments(context.app.namespace, deployment.metadata.name), (current) => {
        const annotations: Record<string, string | null> = {};
        // R is written down before stable leaves it, and forgotten when stable is back (RR CR-7).
        if (workload.roles === 'keep' && track === 'stable') {
          annotations[names.replicas] = replicas === wanted ? null : String(wanted);
          annotations[names.desired] = replicas === wanted ? null : String(replicas);
        }
        if (track === 'candidate') annotations[names.desired] = String(replicas);
        if (workload.roles === 'swap' && track === 'candidate') annotations[names.track] = 'candidate';
        const same =
          (current.spec.replicas ?? 1) === replicas && Object.entries(annotations).every(([key, value]) => (annotation(current, key) ?? null) === value);
        return same ? undefined : { metadata: { annotations }, spec: { replicas } };
      });
      // No write of Kubernetes has a condition on another object: who took the candidate away just then is found out now, and stable gets its pods back at once.
      if (carried !== undefined && !(await stillCarries(this.#cluster, context, carried))) {
        await this.scale(context, track, wanted);
        throw takenAway(carried);
      }
      const now = await readWorkload(this.#cluster, context.app, context.signal);
      return (await this.#read(context, now, track)) ?? absent(track);
    });
  }

  remove(context: WriteContext, track: TrackName): Promise<void> {
    return translated(context, `remove ${track} of ${context.app.name}`, async () => {
      const workload = await readWorkload(this.#cluster, context.app, context.signal);
      if (workload.roles === 'swap') return this.#rest(context, workload, track);
      if (track === 'stable') return;
      if (workload.candidate !== undefined && isIsolated(workload)) refuseServing(workload, workload.candidate);
      for (const preview of workload.previews) await this.#cluster.remove(context, paths.services(workload.namespace, preview.metadata.name));
      for (const service of workload.services) await this.#forgetSelector(context, service);
      const { candidate } = workload;
      if (candidate !== undefined) await this.#cluster.remove(context, paths.deployments(workload.namespace, candidate.metadata.name));
      // Somebody else may have brought stable back to R, so that no scaling of ours took the note away.
      await this.#cluster.change<Deployment>(context, paths.deployments(workload.namespace, workload.stable.metadata.name), (current) =>
        annotation(current, names.replicas) === undefined && annotation(current, names.desired) === undefined
          ? undefined
          : { metadata: { annotations: { [names.replicas]: null, [names.desired]: null } } },
      );
    });
  }

  drift(context: PortContext, expected: Expected): Promise<readonly Drift[]> {
    return driftOf(this.#cluster, context, expected);
  }

  async *watch(context: PortContext, track: TrackName): AsyncIterable<TrackStatus> {
    const { app } = context;
    // Who stops reading early must not leave the lists behind it open.
    const left = new AbortController();
    const signal = AbortSignal.any([context.signal, left.signal]);
    try {
      const workload = await readWorkload(this.#cluster, app, signal);
      const deployment = trackOf(workload, track);
      if (deployment === undefined) return;
      const alarm = new Alarm(context.clock);
      let softSince: number | undefined;
      const before = new Map<string, number>();
      const probes = new ProbeAnswers(this.#cluster, { ...context, signal });
      for await (const observation of this.#follow(workload, deployment, signal, alarm)) {
        const seen: Workload = { ...workload, [track]: observation.deployment };
        rememberWell(before, observation.pods);
        const judgement = await judgeWithAnswers({ ...observation, before }, probes, alarm);
        const { doom } = judgement;
        softSince = doom?.soft ? (softSince ?? context.clock.monotonicMs()) : undefined;
        const certain = doom !== undefined && (softSince === undefined || context.clock.monotonicMs() - softSince >= confirmMs);
        if (doom !== undefined && !certain) alarm.set(confirmMs);
        const doomed = certain ? await doomReport(this.#cluster, context, doom) : undefined;
        yield {
          ...trackFrom(seen, track, judgement),
          settled: judgement.settled,
          ...(judgement.waitingFor === undefined ? {} : { waitingFor: judgement.waitingFor }),
          ...(doomed === undefined ? {} : { doomed }),
          ...(observation.deployment.spec.paused ? { paused: true } : {}),
        };
      }
    } catch (error) {
      if (signal.aborted) return;
      await translated(context, `watch ${track} of ${app.name}`, () => Promise.reject(error));
    } finally {
      left.abort();
    }
  }

  async #read(context: PortContext, workload: Workload, track: TrackName): Promise<Track | undefined> {
    const deployment = trackOf(workload, track);
    if (deployment === undefined) return undefined;
    return trackFrom(workload, track, judgeTrack(await observe(this.#cluster.at(context), workload, deployment, context.signal)));
  }

  async *#follow(workload: Workload, deployment: Deployment, signal: AbortSignal, alarm: Alarm): AsyncIterable<Observation> {
    const { namespace } = workload;
    const query = { labelSelector: selectorText(deployment.spec.selector.matchLabels) };
    const { api } = this.#cluster;
    const all = together(
      {
        deployments: api.follow<Deployment>(paths.deployments(namespace), { query: { fieldSelector: `metadata.name=${deployment.metadata.name}` }, signal }),
        replicaSets: api.follow<ReplicaSet>(paths.replicaSets(namespace), { query, signal }),
        pods: api.follow<Pod>(paths.pods(namespace), { query, signal }),
        services: api.follow<Service>(paths.services(namespace), { signal }),
        slices: api.follow<EndpointSlice>(paths.endpointSlices(namespace), { signal }),
        // Some things show by time alone: that a state lasts.
        alarms: alarm.rings(signal),
      },
      signal,
    );
    const mine = new Set([...workload.services, ...workload.previews].map(({ metadata }) => metadata.name));
    for await (const { deployments, replicaSets, pods, services, slices } of all) {
      const [now] = deployments;
      if (now === undefined) return;
      yield {
        deployment: now,
        replicaSets,
        pods,
        slices,
        services: services.filter(({ metadata, spec }) => mine.has(metadata.name) || selects(spec.selector, labelsOf(now))),
      };
    }
  }

  /** The side of a pair that has no traffic any more: at rest, kept for the way back; the marks of the rollout are gone. */
  async #rest(context: WriteContext, workload: Workload, track: TrackName): Promise<void> {
    const going = trackOf(workload, track);
    if (going !== undefined) refuseServing(workload, going);
    for (const each of ['stable', 'candidate'] as const) {
      const deployment = trackOf(workload, each);
      if (deployment === undefined) continue;
      await this.#cluster.change<Deployment>(context, paths.deployments(workload.namespace, deployment.metadata.name), (current) => {
        const rests = each === track && (current.spec.replicas ?? 1) !== 0;
        const marked = annotation(current, names.track) !== undefined || annotation(current, names.desired) !== undefined;
        return rests || marked
          ? { metadata: { annotations: { [names.track]: null, [names.desired]: null } }, ...(each === track ? { spec: { replicas: 0 } } : {}) }
          : undefined;
      });
    }
  }

  async #forgetSelector(context: WriteContext, service: Service): Promise<void> {
    if (annotation(service, names.selector) === undefined) return;
    await this.#cluster.change<Service>(context, paths.services(context.app.namespace, service.metadata.name), () => ({
      metadata: { annotations: { [names.selector]: null } },
    }));
  }
}

/** The restarts of each pod when it was seen first, if it was well then. */
function rememberWell(before: Map<string, number>, pods: readonly Pod[]): void {
  for (const { metadata, status } of pods) {
    if (metadata.uid === undefined || before.has(metadata.uid)) continue;
    const counts = status?.containerStatuses ?? [];
    before.set(
      metadata.uid,
      counts.length > 0 && counts.every(({ ready }) => ready === true) ? Math.max(...counts.map(({ restartCount = 0 }) => restartCount)) : 0,
    );
  }
}

/** As `judgeTrack`; a pod that runs without getting ready is asked about (KC DG-7). */
async function judgeWithAnswers(observation: Observation, probes: ProbeAnswers, alarm: Alarm): Promise<Judgement> {
  const judgement = judgeTrack(observation);
  const { unready, settled } = judgement;
  if (settled || unready?.status?.phase !== 'Running') return judgement;
  const answer = await probes.of(unready);
  // The pod itself does not change when its first probe fails, so nothing else would bring us back here.
  if (answer === undefined) alarm.set(answersAfterMs);
  return answer === undefined ? judgement : judgeTrack({ ...observation, answers: new Map([[unready.metadata.name, answer]]) });
}

const absent = (track: TrackName): Track => ({ revision: { hash: '', owner: 'kubernetes', images: [track], at: '', verified: false }, replicas: 0, ready: 0 });

function trackFrom(workload: Workload, track: TrackName, { replicas, ready, restarts, crashLooping, coming, pods }: Judgement): Track {
  const deployment = trackOf(workload, track) as Deployment;
  return {
    revision: revisionOf(workload, deployment),
    replicas,
    ready,
    restarts,
    ...(crashLooping ? { crashLooping } : {}),
    coming,
    pods: pods.map(({ metadata }) => metadata.name),
    ...(track === 'candidate' && isIsolated(workload) ? { isolated: true } : {}),
  };
}

/** One consistent read of a track. */
export async function observe({ api }: Cluster, workload: Workload, deployment: Deployment, signal: AbortSignal): Promise<Observation> {
  const { namespace } = workload;
  const options = { signal, query: { labelSelector: selectorText(deployment.spec.selector.matchLabels) } };
  const [replicaSets, pods, slices] = await Promise.all([
    api.list<ReplicaSet>(paths.replicaSets(namespace), options),
    api.list<Pod>(paths.pods(namespace), options),
    api.list<EndpointSlice>(paths.endpointSlices(namespace), { signal }),
  ]);
  return { deployment, replicaSets: replicaSets.items, pods: pods.items, slices: slices.items, services: [...workload.services, ...workload.previews] };
}
