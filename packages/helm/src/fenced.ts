import type { Platform, WriteContext } from '@shepherd/core';

const mostKept = 500;

/** Which holders of a lock have their fence on every object of an app: each asks for it before it reads, and its writes need not ask again. */
export class Fenced {
  readonly #below: Pick<Platform, 'fence'>;
  readonly #done = new Set<string>();

  constructor(below: Pick<Platform, 'fence'>) {
    this.#below = below;
  }

  /** @throws ShepherdError ERR_LOCK_LOST if a later holder was here */
  async fence(context: WriteContext): Promise<void> {
    await this.#below.fence?.(context);
    this.#done.add(keyOf(context));
    if (this.#done.size > mostKept) this.#done.delete(this.#done.values().next().value as string);
  }

  /** The same, unless it stands. What a later holder did since is refused by the door, write by write. */
  async ensure(context: WriteContext): Promise<void> {
    if (!this.#done.has(keyOf(context))) await this.fence(context);
  }
}

const keyOf = ({ app, rolloutId, fence }: WriteContext): string => JSON.stringify([app, rolloutId, fence]);
