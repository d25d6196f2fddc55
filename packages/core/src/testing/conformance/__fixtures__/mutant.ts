import type { WriteContext } from '../../../ports/context.js';
import type { MemoryPlatform } from '../../memory/memory-platform.js';

export type Mutant = (platform: MemoryPlatform) => Partial<MemoryPlatform>;

/** A writer that takes part with the highest fence there is. */
export const unfenced = (context: WriteContext): WriteContext => ({ ...context, fence: 1_000 });
/** A caller that cannot be stopped. */
export const deaf = <C extends object>(context: C): C => ({ ...context, signal: new AbortController().signal });
