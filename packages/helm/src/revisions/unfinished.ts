import { type PortContext, ShepherdError, type WriteContext } from '@shepherd/core';
import type { HelmRevision } from './history.js';
import type { ReleaseRecord } from './release-records.js';

/**
 * Whether the helm that left this revision unfinished can write no more: it was started under the lock that we hold now, by us or by a holder before us, and
 * what it wrote went through that holder's door, which our fence has shut. Of any other helm nobody knows. Before we hold the lock only such a one is refused.
 * @throws ShepherdError ERR_RELEASE_PENDING
 */
export function mustBeGone(context: PortContext | WriteContext, release: string, revision: HelmRevision, record: ReleaseRecord | undefined): void {
  const owner = record?.owner;
  if (owner !== undefined && (!('fence' in context) || owner.fence <= context.fence)) return;
  const { status, updated: since } = revision;
  const by = owner === undefined ? 'by a helm that Shepherd did not start' : `by rollout ${owner.rolloutId}`;
  throw new ShepherdError('ERR_RELEASE_PENDING', `revision ${revision.revision} of release ${release} is ${status} since ${since}, ${by}`, {
    facts: { release, status, since, ...(owner === undefined ? {} : { rolloutId: owner.rolloutId }) },
    remedy:
      owner === undefined
        ? `see that no helm runs (a pipeline, a colleague), then: helm rollback ${release}${revision.revision === 1 ? ', or helm uninstall' : ''}`
        : 'another process drives the app now; this one stopped',
  });
}
