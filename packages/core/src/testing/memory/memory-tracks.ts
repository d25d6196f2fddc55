import type { ErrorInfo } from '../../errors/error-facts.js';
import { ShepherdError } from '../../errors/shepherd-error.js';
import type { Track } from '../../plan/situation.js';
import type { Drift, TrackStatus, Tracks } from '../../ports/platform.js';
import type { TrackName } from '../../words/revision.js';
import { hashOf, type MemoryApp } from './memory-app.js';
import type { MemoryStore } from './memory-store.js';
import { hasFailed, isComing, isReady, type MemoryPod } from './pods.js';

const doomOf = (pod: MemoryPod, state: string): ErrorInfo =>
  new ShepherdError('ERR_POD_DOOMED', `${pod.name} will not get ready: ${state}`, {
    facts: { pod: pod.name, state, log: [`${pod.version} stopped`] },
    remedy: 'repair the version, then deploy again',
  }).toJSON() as ErrorInfo;

/** A track as it is observed now. */
export function statusOf(app: MemoryApp, name: TrackName): TrackStatus | undefined {
  const nowMs = app.present();
  const track = app.track(name);
  if (track === undefined) return undefined;
  const current = track.pods.filter(({ version }) => version === track.version);
  const ready = current.filter((pod) => isReady(pod, nowMs)).length;
  const old = track.pods.length - current.length;
  const unready = current.find((pod) => !isReady(pod, nowMs));
  const failed = current.find((pod) => hasFailed(pod, nowMs));
  const state = app.versionOptions(track.version).doomed ?? 'CrashLoopBackOff';
  const waitingFor =
    ready < track.wanted
      ? `${ready} of ${track.wanted} pods ready${unready === undefined ? '' : `; ${unready.name}: ${failed === unready ? state : 'starts'}`}`
      : old > 0
        ? `${old} old ${old === 1 ? 'pod' : 'pods'} still there`
        : undefined;
  return {
    revision: app.revision(track.version),
    replicas: track.wanted,
    ready,
    restarts: current.filter((pod) => hasFailed(pod, nowMs)).length,
    coming: current.filter((pod) => isComing(pod, nowMs)).length,
    pods: current.map(({ name }) => name),
    ...(track.isolated ? { isolated: true } : {}),
    settled: waitingFor === undefined,
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(failed === undefined ? {} : { doomed: doomOf(failed, state) }),
  };
}

function trackOf(app: MemoryApp, name: TrackName): Track | undefined {
  const status = statusOf(app, name);
  if (status === undefined) return undefined;
  const { settled: _, waitingFor: __, doomed: ___, ...track } = status;
  return track;
}

export const memoryTracks = (store: MemoryStore): Tracks => ({
  async inspect({ app: { namespace, name } }) {
    const app = store.app(namespace, name);
    const { roles = 'keep', autoscaled } = app.options;
    return {
      replicas: app.replicas,
      stable: trackOf(app, 'stable'),
      candidate: trackOf(app, 'candidate'),
      roles,
      ...(autoscaled === undefined ? {} : { autoscaled }),
    };
  },

  async scale(context, name, replicas) {
    const app = store.app(context.app.namespace, context.app.name);
    const track = app.track(name);
    if (track === undefined) return { revision: app.revision(''), replicas: 0, ready: 0 };
    app.fences.claim(context, `${app.name}/${name}`);
    if (track.wanted !== replicas) app.write(() => (track.wanted = replicas));
    return trackOf(app, name) as Track;
  },

  async remove(context, name) {
    const app = store.app(context.app.namespace, context.app.name);
    const track = app.track(name);
    const swaps = app.options.roles === 'swap';
    if (track === undefined || (name === 'stable' && !swaps)) return;
    app.fences.claim(context, `${app.name}/${name}`);
    app.write(() => {
      if (!swaps) app.candidate = undefined;
      track.wanted = 0;
      // The side that serves is stable from now on, the other one rests for the way back.
      if (name === 'stable' && app.candidate !== undefined && app.routed === 100) {
        app.remember(app.candidate.version);
        [app.stable, app.candidate] = [
          { ...app.candidate, isolated: false },
          { ...track, isolated: true },
        ];
        app.routed = 0;
      }
    });
  },

  async drift({ app: { namespace, name } }, expected) {
    const app = store.app(namespace, name);
    const [stable, candidate] = [app.track('stable'), app.track('candidate')];
    const hash = hashOf(stable?.version ?? '');
    const found = (kind: Drift['kind'], object: string, what: string, field: string, value: string): Drift => ({
      kind,
      object: `${object} of ${name}`,
      what,
      field,
      by: 'somebody',
      value,
    });
    return [
      ...(stable === undefined || expected.stable.includes(hash) ? [] : [found('template', 'stable', 'another version was written', 'version', hash)]),
      ...(expected.candidate !== undefined && candidate === undefined ? [found('gone', 'candidate', 'it was taken away', 'candidate', '')] : []),
      ...(expected.candidate !== undefined && candidate !== undefined && hashOf(candidate.version) !== expected.candidate
        ? [found('template', 'candidate', 'another version was written', 'version', hashOf(candidate.version))]
        : []),
      ...(expected.weight !== undefined && candidate !== undefined && !app.splitsByPods && app.weight !== expected.weight
        ? [found('traffic', 'router', 'the traffic was moved', 'weight', String(app.weight))]
        : []),
    ];
  },

  async *watch({ app: { namespace, name: appName }, clock, signal }, name) {
    const app = store.app(namespace, appName);
    let last = '';
    while (!signal.aborted) {
      const status = statusOf(app, name);
      if (status === undefined) return;
      const text = JSON.stringify(status);
      if (text === last) await app.changes.next(clock, signal, app.quietForMs);
      else yield status;
      last = text;
    }
  },
});
