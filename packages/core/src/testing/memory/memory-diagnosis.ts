import type { Diagnosis, PodState } from '../../ports/diagnosis.js';
import type { PlatformEvidence } from '../../ports/evidence.js';
import type { TrackName } from '../../words/revision.js';
import type { MemoryApp } from './memory-app.js';
import type { MemoryStore } from './memory-store.js';
import { hasFailed, isReady } from './pods.js';

const tracks: readonly TrackName[] = ['stable', 'candidate'];

function statesOf(app: MemoryApp): readonly PodState[] {
  const nowMs = app.present();
  return tracks.flatMap((track) =>
    (app.track(track)?.pods ?? []).map((pod): PodState => {
      const ready = isReady(pod, nowMs);
      const failed = hasFailed(pod, nowMs);
      return {
        name: pod.name,
        workload: track === 'stable' ? app.name : `${app.name}-candidate`,
        track,
        images: [`${app.name}:${pod.version}`],
        ready: ready ? 1 : 0,
        containers: 1,
        state: failed ? (app.versionOptions(pod.version).doomed ?? 'CrashLoopBackOff') : ready ? 'Running' : 'ContainerCreating',
        restarts: failed ? 1 : 0,
        createdAt: app.clock.now().toISOString(),
      };
    }),
  );
}

/** The same as `kubernetes()` would tell of such pods, as far as memory knows. */
function* evidenceOf(app: MemoryApp): Iterable<PlatformEvidence> {
  const check = `shepherd status ${app.name}`;
  const states = statesOf(app);
  for (const track of tracks) {
    const found = app.track(track);
    if (found === undefined) continue;
    const own = states.filter((state) => state.track === track);
    const ready = own.filter((state) => state.ready > 0).length;
    const workload = own[0]?.workload ?? app.name;
    yield {
      source: 'workload',
      object: `App ${workload}`,
      check,
      data: { track, replicas: own.length, made: own.length, ready, updated: own.length, paused: false, seen: true },
    };
  }
  for (const { name, workload, ready, images, state, restarts } of states) {
    const isReady = ready > 0;
    yield {
      source: 'pod',
      object: `Pod ${name}`,
      check,
      data: { workload, current: true, ready: isReady, leaving: false, phase: isReady ? 'Running' : 'Pending', age: 0 },
    };
    const [image = ''] = images;
    const failed = restarts > 0;
    yield {
      source: 'container',
      object: `Pod ${name}`,
      check,
      data: {
        pod: name,
        name: 'app',
        current: true,
        ready: isReady,
        image,
        state: failed ? 'waiting' : 'running',
        restarts,
        ports: [],
        ...(failed ? { reason: state, endedCode: 1, endedReason: 'Error' } : {}),
      },
    };
  }
}

/** Pods as they are; of what happened only what still shows: the pods that failed. */
export const memoryDiagnosis = (store: MemoryStore): Diagnosis => ({
  async *pods({ app: { namespace, name }, clock, signal }) {
    const app = store.app(namespace, name);
    let last = '';
    while (!signal.aborted) {
      const states = statesOf(app);
      const text = JSON.stringify(states.map(({ createdAt: _createdAt, ...state }) => state));
      if (text === last) await app.changes.next(clock, signal, app.quietForMs);
      else yield states;
      last = text;
    }
  },

  async notes({ app: { namespace, name }, clock }) {
    const failed = statesOf(store.app(namespace, name)).filter(({ restarts }) => restarts > 0);
    return failed.map((pod) => ({
      at: clock.now().toISOString(),
      level: 'warning' as const,
      object: `Pod ${pod.name}`,
      reason: 'BackOff',
      message: pod.state,
      count: 1,
    }));
  },

  async *read({ app: { namespace, name } }) {
    yield* evidenceOf(store.app(namespace, name));
  },
});
