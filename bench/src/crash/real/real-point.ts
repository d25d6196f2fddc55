import type { Scenario } from '../scenario.js';
import { nameOf } from '../scenario.js';

/** At which of its calls, or of its writes, a runner is killed. */
export interface RealKill {
  readonly of: 'call' | 'write';
  /** From 1. */
  readonly nth: number;
  readonly side: 'before' | 'after';
}

/** A run with a real process that is killed. */
export interface RealPoint {
  readonly where: 'children' | 'cluster';
  readonly scenario: Scenario;
  readonly kill: RealKill;
  readonly leaseMs: number;
}

/** `children/canary/good/after:write-12`: for people, and for `--only`. */
export const formatRealPoint = ({ where, scenario, kill: { of, nth, side } }: RealPoint): string => `${where}/${nameOf(scenario)}/${side}:${of}-${nth}`;
