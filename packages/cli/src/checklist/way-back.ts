import type { Revision } from '@shepherd/core';
import type { Found } from './checklist.js';

/** What a rollback of an app would go to. `serving`: hash of what serves; `before`: ask for what stands before it, else it is itself the way back. Pure. */
export function wayBack(revisions: readonly Revision[], serving: string | undefined, app: string, before: boolean): Found {
  const at = revisions.findIndex(({ hash }) => hash === serving);
  const possible = revisions.slice(before ? at + 1 : Math.max(at, 0)).filter(({ bad }) => bad === undefined);
  const target = possible.find(({ verified }) => verified) ?? possible[0];
  if (target === undefined) return { state: 'failed', says: 'there is no revision to go back to' };
  const command = before ? `shepherd rollback ${app}` : `shepherd rollback ${app} --to ${target.hash}`;
  return { state: 'done', says: `${target.hash} (${target.images.join(', ')}), by: ${command}` };
}
