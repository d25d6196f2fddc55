import type { Target } from '../plan/situation.js';
import type { Step } from '../plan/step.js';
import { retire, shift } from '../steps/index.js';

/**
 * A candidate that no unfinished rollout owns: its record was deleted, or going back failed. It may be what serves. A pair's other colour is none: it is part of
 * the app.
 */
export const isLeftover = ({ candidate, roles, touched }: Target): boolean => !touched && candidate !== undefined && roles !== 'swap';

/** Before anything else happens its traffic goes to stable, which gets all its pods first; then it goes (RR ORD-5, BUG-22). */
export const clearLeftover = (target: Target): readonly Step[] => (isLeftover(target) ? [shift(target, 0), retire(target, 'candidate')] : []);
