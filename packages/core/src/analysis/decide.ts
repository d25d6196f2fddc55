/** All that the gate decides from (AN 2). */
export interface GateFacts {
  /** This poll brought counts of both tracks. */
  readonly observed: boolean;
  /** The candidate fails more than stable does. */
  readonly regressed: boolean;
  readonly overLimit: boolean;
  readonly shared: boolean;
  readonly slowRegressed: boolean;
  readonly slowOverLimit: boolean;
  readonly slowShared: boolean;
  readonly crashLooping: boolean;
  /** Of the candidate's containers, in this rollout. */
  readonly restarts: number;
  /** Polls without an observation of a metric that is asked for, up to now and running. */
  readonly noDataRun: number;
  readonly noDataSeconds: number;
  readonly holdSeconds: number;
  /** Of the stage, without holds and without time that nobody observed. */
  readonly clockSeconds: number;
  /** Of the stage, all that the judges saw. */
  readonly judgedSeconds: number;
  readonly suspicious: boolean;
  readonly enough: boolean;
  /** A restart lately, or the candidate near its limits and stable not. */
  readonly unsettled: boolean;
  /** Not twice as bad, proven: the stage may end before its time. */
  readonly early: boolean;
}

export interface GateLimits {
  readonly stageSeconds: number;
  readonly holdSeconds: number;
  readonly noDataPolls: number;
  readonly onInconclusive: 'pause' | 'rollback' | 'promote';
}

/** What happens next. Only `promote` moves the weight up; `hold` and `watch` keep it; `pause` leaves it to a person. */
export type GateDecision =
  | { readonly kind: 'promote'; readonly reason: 'evidence' | 'early' | 'inconclusive-policy' }
  | { readonly kind: 'watch'; readonly reason: 'min-dwell' | 'evidence' | 'too-few-requests' | 'no-data' | 'saturation' }
  | { readonly kind: 'hold'; readonly reason: 'shared-incident' }
  | { readonly kind: 'rollback'; readonly reason: 'regression' | 'absolute' | 'latency' | 'restarts' | 'inconclusive-policy' }
  | { readonly kind: 'pause'; readonly reason: 'inconclusive' };

const restartsAllowed = 1;
/** Times are sums of poll lengths: no poll more for a rounding error. */
const reached = (seconds: number, goal: number): boolean => seconds >= goal - 1e-6;

/**
 * The first row that matches decides (AN 2). One row is not where AN has it: the hold of a shared incident comes after all reasons to go back, since a gate
 * that holds must not stop the others (RR MG-7).
 */
export function decide(facts: GateFacts, limits: GateLimits): GateDecision {
  return back(facts) ?? waiting(facts, limits) ?? { kind: 'promote', reason: reached(facts.clockSeconds, limits.stageSeconds) ? 'evidence' : 'early' };
}

function back(facts: GateFacts): GateDecision | undefined {
  if (facts.regressed) return { kind: 'rollback', reason: 'regression' };
  if (facts.overLimit && !facts.shared) return { kind: 'rollback', reason: 'absolute' };
  if (facts.slowRegressed || (facts.slowOverLimit && !facts.slowShared)) return { kind: 'rollback', reason: 'latency' };
  if (facts.crashLooping || facts.restarts > restartsAllowed) return { kind: 'rollback', reason: 'restarts' };
  return undefined;
}

function waiting(facts: GateFacts, limits: GateLimits): GateDecision | undefined {
  const { stageSeconds, holdSeconds, noDataPolls } = limits;
  if (facts.overLimit || facts.slowOverLimit) {
    return reached(facts.holdSeconds, holdSeconds) ? inconclusive(facts, limits) : { kind: 'hold', reason: 'shared-incident' };
  }
  if (facts.noDataRun >= noDataPolls) {
    return reached(facts.noDataSeconds, holdSeconds) ? inconclusive(facts, limits) : { kind: 'watch', reason: 'no-data' };
  }
  const dwelt = reached(facts.clockSeconds, stageSeconds) && reached(facts.judgedSeconds, stageSeconds);
  if (!dwelt && !facts.early) return { kind: 'watch', reason: 'min-dwell' };
  const open = unsettled(facts);
  if (open !== undefined && reached(facts.clockSeconds, 2 * stageSeconds)) return inconclusive(facts, limits);
  // What was not seen is never a reason to go on.
  return open ?? (facts.observed ? undefined : { kind: 'watch', reason: 'no-data' });
}

function unsettled({ suspicious, enough, unsettled: pods }: GateFacts): GateDecision | undefined {
  if (suspicious) return { kind: 'watch', reason: 'evidence' };
  if (!enough) return { kind: 'watch', reason: 'too-few-requests' };
  return pods ? { kind: 'watch', reason: 'saturation' } : undefined;
}

/** Where policy says promote, what was not seen still does not: it waits for a poll that was, and at the end of its patience for a person. */
function inconclusive({ observed, noDataSeconds }: GateFacts, { onInconclusive, holdSeconds }: GateLimits): GateDecision {
  if (onInconclusive === 'rollback') return { kind: 'rollback', reason: 'inconclusive-policy' };
  if (onInconclusive === 'pause') return { kind: 'pause', reason: 'inconclusive' };
  if (observed) return { kind: 'promote', reason: 'inconclusive-policy' };
  return reached(noDataSeconds, holdSeconds) ? { kind: 'pause', reason: 'inconclusive' } : { kind: 'watch', reason: 'no-data' };
}
