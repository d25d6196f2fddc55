import { type Revision, type RevisionMark, ShepherdError } from '@shepherd/core';
import { names, templateHashLabel } from '../names.js';
import type { PodTemplate } from '../objects.js';
import type { Workload } from '../workload.js';

/** Of a reason in `kubernetes.io/change-cause`, which is one line of a table. */
export const longestReason = 200;

/** The template of an old ReplicaSet as stable's; labels of a pair's other colour are not stable's. Pure. */
export function restoredTemplate({ roles, stable }: Workload, template: PodTemplate): PodTemplate {
  const { [templateHashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const own = { ...labels, ...(roles === 'swap' ? stable.spec.selector.matchLabels : {}) };
  return { ...template, metadata: { ...template.metadata, labels: own } };
}

const longestMark = 500;

/** A mark as annotations of a ReplicaSet; null takes one away. Pure. */
export function markOf(mark: RevisionMark, now: Date): Readonly<Record<string, string | null>> {
  if ('bad' in mark) return { [names.bad]: mark.bad.slice(0, longestMark) };
  const { by, reason } = mark;
  return {
    [names.verified]: now.toISOString(),
    [names.bad]: null,
    ...(by === undefined ? {} : { [names.by]: by.slice(0, longestMark), [names.reason]: reason?.slice(0, longestMark) ?? null }),
  };
}

export function unknownRevision(app: string, hash: string, revisions: readonly { readonly revision: Revision }[]): ShepherdError {
  const known = revisions.map(({ revision }) => revision.hash);
  return new ShepherdError('ERR_REVISION_NOT_FOUND', `${app} has no revision ${hash} any more; known: ${known.join(', ') || 'none'}`, {
    facts: { app, hash, known },
    remedy: 'deploy the release that you want; a higher revisionHistoryLimit keeps more',
  });
}

export const incomplete = (app: string, hash: string, missing: readonly string[]): ShepherdError =>
  new ShepherdError('ERR_REVISION_INCOMPLETE', `revision ${hash} of ${app} cannot start any more: ${missing.join(', ')} is gone, and no copy is kept`, {
    facts: { app, hash, missing },
    remedy: 'make it again, or go back to another revision',
  });
