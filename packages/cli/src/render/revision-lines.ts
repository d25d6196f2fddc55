import type { Revision } from '@shepherd/core';
import { table } from './table.js';

/** The revisions of an app as a table, newest first as they come. */
export function revisionLines(revisions: readonly Revision[], serving: string | undefined): readonly string[] {
  if (revisions.length === 0) return ['no revision is known'];
  const numbered = revisions.some(({ number }) => number !== undefined);
  const state = ({ hash, verified, bad }: Revision): string =>
    [hash === serving ? 'serving' : '', bad === undefined ? '' : `bad: ${bad}`, verified ? 'verified' : ''].filter((part) => part !== '').join(', ');
  return table([
    ['REVISION', ...(numbered ? ['NUMBER'] : []), 'MADE', 'STATUS', 'IMAGE'],
    ...revisions.map((revision) => [
      revision.hash,
      ...(numbered ? [String(revision.number ?? '')] : []),
      revision.at.replace(/\.\d+/, '').replace('T', ' '),
      state(revision) || 'not verified',
      revision.images.join(', '),
    ]),
  ]);
}
