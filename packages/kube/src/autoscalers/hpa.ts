import type { WriteContext } from '@shepherd/core';
import type { Cluster } from '../cluster.js';
import { managersOf } from '../managers.js';
import type { Hpa } from '../objects.js';
import { noted, noteOf, unnoted } from './note.js';

/** `floor`: what we made of it; another value there is somebody else's. */
interface Note {
  readonly minReplicas: number;
  readonly floor: number;
}

const minOf = ({ spec }: Hpa): number => spec.minReplicas ?? 1;

/** The floor of an HPA, raised to the live count in the same write that stores what it was. Pure. */
export function hold(hpa: Hpa, live: number): { readonly note: Note; readonly changes: boolean } {
  const min = minOf(hpa);
  const before = noteOf<Note>(hpa);
  const floor = Math.max(min, Math.min(live, hpa.spec.maxReplicas));
  // Who wrote another floor meanwhile wants that one afterwards.
  const note = { minReplicas: before === undefined || before.floor !== min ? min : before.minReplicas, floor };
  return { note, changes: before === undefined || JSON.stringify(before) !== JSON.stringify(note) };
}

/** The floor to write back; undefined: it is not ours to write. Pure. */
export function release(hpa: Hpa, held: unknown): number | undefined {
  const note = noteOf<Note>(hpa);
  if (note !== undefined) return minOf(hpa) === note.floor ? note.minReplicas : undefined;
  // The note was taken away; that the floor is ours shows by its owner alone.
  const { minReplicas } = (held ?? {}) as Partial<Note>;
  return typeof minReplicas === 'number' && managersOf(hpa, ['spec', 'minReplicas']).at(-1)?.manager === 'shepherd' ? minReplicas : undefined;
}

export async function heldHpa(cluster: Cluster, context: WriteContext, path: string, live: number): Promise<{ readonly minReplicas: number }> {
  const written = await cluster.change<Hpa>(context, path, (hpa) => {
    const { note, changes } = hold(hpa, live);
    return changes ? { metadata: { annotations: noted(note) }, spec: { minReplicas: note.floor } } : undefined;
  });
  return { minReplicas: hold(written, live).note.minReplicas };
}

export async function releasedHpa(cluster: Cluster, context: WriteContext, path: string, held: unknown): Promise<void> {
  await cluster.change<Hpa>(context, path, (hpa) => {
    const minReplicas = release(hpa, held);
    if (minReplicas === undefined && noteOf(hpa) === undefined) return undefined;
    return { metadata: { annotations: unnoted }, ...(minReplicas === undefined ? {} : { spec: { minReplicas } }) };
  });
}
