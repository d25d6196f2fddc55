import type { WriteContext } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import { annotation, type ScaledObject } from '../objects.js';
import { noted, noteOf, unnoted } from './note.js';

/** KEDA (2.11 and later) leaves the pod count as it is while this is "true", and takes its HPA away. */
const paused = 'autoscaling.keda.sh/paused';

interface Note {
  readonly paused: string | null;
}

export async function pausedScaledObject(cluster: Cluster, context: WriteContext, path: string): Promise<Note> {
  const written = await cluster.change<ScaledObject>(
    context,
    path,
    (object) => {
      const note = noteOf<Note>(object) ?? { paused: annotation(object, paused) ?? null };
      const same = noteOf(object) !== undefined && annotation(object, paused) === 'true';
      return same ? undefined : { metadata: { annotations: { ...noted(note), [paused]: 'true' } } };
    },
    { type: 'merge' },
  );
  return { paused: noteOf<Note>(written)?.paused ?? null };
}

export async function resumedScaledObject(cluster: Cluster, context: WriteContext, path: string, held: unknown): Promise<void> {
  await cluster.change<ScaledObject>(
    context,
    path,
    (object) => {
      const note = noteOf<Note>(object) ?? (held as Note | undefined);
      if (note === undefined) return undefined;
      // Another value is somebody else's by now.
      const ours = annotation(object, paused) === 'true';
      return ours || noteOf(object) !== undefined ? { metadata: { annotations: { ...unnoted, ...(ours ? { [paused]: note.paused } : {}) } } } : undefined;
    },
    { type: 'merge' },
  );
}
