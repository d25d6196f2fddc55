import { ShepherdError } from '../errors/shepherd-error.js';
import type { WriteContext } from '../ports/context.js';

/** Goes before every write. @throws ShepherdError ERR_LOCK_LOST if a later holder of the lock wrote to this object before (RR LK-4) */
export function checkFence(
  { fence, rolloutId }: WriteContext,
  found: { readonly fence: number; readonly rolloutId: string } | undefined,
  object: string,
): void {
  if (found === undefined || found.fence <= fence) return;
  throw new ShepherdError('ERR_LOCK_LOST', `${object} was written by a later holder of the lock (fence ${found.fence}, ours ${fence})`, {
    facts: { rolloutId, holder: found.rolloutId },
    remedy: 'another process drives the app now; this one stopped',
  });
}
