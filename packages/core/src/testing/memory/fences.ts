import { checkFence } from '../../internal/check-fence.js';
import type { WriteContext } from '../../ports/context.js';

/** The highest fence that was written to each object of an app (RR LK-4). */
export class Fences {
  readonly #written = new Map<string, { readonly fence: number; readonly rolloutId: string }>();

  /** To be called by every write. @throws ShepherdError ERR_LOCK_LOST if a later holder of the lock wrote to this object before */
  claim(context: WriteContext, object: string): void {
    checkFence(context, this.#written.get(object), object);
    this.#written.set(object, { fence: context.fence, rolloutId: context.rolloutId });
  }
}
