import type { PlatformNote } from '@shepherd/core';
import type { KubeObject } from '../api/index.js';
import { type KubeEvent, lastSeen } from '../ready/probe-answers.js';
import { redact } from '../ready/redact.js';

/** An Event with the object that it is about. */
export interface ObjectEvent extends KubeEvent {
  readonly involvedObject: { readonly kind?: string | undefined; readonly name?: string | undefined };
  readonly count?: number | undefined;
  readonly series?: { readonly lastObservedTime?: string | undefined; readonly count?: number | undefined } | null | undefined;
}

/** What happens to every pod that is well (KC DG-5). */
const routine: ReadonlySet<string> = new Set(['Started', 'Created', 'SuccessfulCreate', 'SuccessfulDelete', 'Scheduled', 'Pulling', 'Pulled']);
export const isRoutine = ({ reason = '' }: ObjectEvent): boolean => routine.has(reason);
/** Generated parts of names have no vowels and no digits that look like them. */
const generated = '[bcdfghjklmnpqrstvwxz2456789]+';
const escaped = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Names of the app's objects; ReplicaSets and pods that are gone are known by what their names are made of. Pure. */
export function isOf(workloads: readonly string[], others: readonly KubeObject[]): (about: ObjectEvent['involvedObject']) => boolean {
  const either = workloads.map(escaped).join('|');
  const made = new RegExp(`^(?:${either})-${generated}(?:-${generated})?$`);
  return ({ kind = '', name = '' }) =>
    kind === 'ReplicaSet' || kind === 'Pod'
      ? made.test(name)
      : (kind === 'Deployment' && workloads.includes(name)) || others.some((each) => each.kind === kind && each.metadata.name === name);
}

/** Events as notes: of the app alone, since then, without routine, the newest last (guide C12, X11). Pure. */
export function notesOf(
  events: readonly ObjectEvent[],
  since: string | undefined,
  concerns: (about: ObjectEvent['involvedObject']) => boolean,
): PlatformNote[] {
  // Kubernetes keeps whole seconds: what happened in the second of the beginning counts.
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Math.floor(Date.parse(since) / 1_000) * 1_000;
  return events
    .filter((event) => concerns(event.involvedObject) && !isRoutine(event) && Date.parse(lastSeen(event)) >= from)
    .map((event) => ({
      at: new Date(Date.parse(lastSeen(event))).toISOString(),
      level: event.type === 'Warning' ? ('warning' as const) : ('info' as const),
      object: `${event.involvedObject.kind} ${event.involvedObject.name}`,
      reason: event.reason ?? '',
      message: redact(event.message ?? '').trim(),
      count: event.series?.count ?? event.count ?? 1,
    }))
    .toSorted((a, b) => a.at.localeCompare(b.at));
}
