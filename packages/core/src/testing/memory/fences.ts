import { ShepherdError } from '../../errors/shepherd-error.js';
import type { WriteContext } from '../../ports/context.js';

/** The highest fence that was written to each object of an app (RR LK-4). */
export class Fences {
  readonly #written = new Map<string, { readonly fence: number; readonly rolloutId: string }>();

  /** To be called by every write. @throws ShepherdError ERR_LOCK_LOST if a later holder of the lock wrote to this object before */
  claim({ fence, rolloutId }: WriteContext, object: string): void {
    const found = this.#written.get(object);
    if (found !== undefined && found.fence > fence) {
      throw new ShepherdError('ERR_LOCK_LOST', `${object} was written by a later holder of the lock (fence ${found.fence}, ours ${fence})`, {
        facts: { rolloutId, holder: found.rolloutId },
        remedy: 'another process drives the app now; this one stopped',
      });
    }
    this.#written.set(object, { fence, rolloutId });
  }
}
