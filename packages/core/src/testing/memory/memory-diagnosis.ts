import type { Diagnosis, PodState } from '../../ports/platform.js';
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

/** Pods as they are; of what happened only what still shows: the pods that failed. */
export const memoryDiagnosis = (store: MemoryStore): Diagnosis => ({
  async *pods({ app: { namespace, name }, clock, signal }) {
    const app = store.app(namespace, name);
    let last = '';
    while (!signal.aborted) {
      const states = statesOf(app);
      const text = JSON.stringify(states.map(({ createdAt: _, ...state }) => state));
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
});
