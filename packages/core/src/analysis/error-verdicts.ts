import { fail, inconclusive, pass, type Verdict } from '../words/verdict.js';
import type { Comparison } from './comparison.js';
import type { ErrorJudge } from './error-judge.js';
import { figure, odds, percent, times } from './figures.js';
import type { MetricEvidence, MetricVerdict } from './metric-verdict.js';
import type { Rules } from './rules.js';
import { type Split, share } from './split.js';

/** `candidate 31 of 1,204 requests failed (2.6 %), stable 40 of 10,870 (0.37 %)`. */
export const countsText = ({ c, s, x, y }: Split, verb: string, withStable: boolean): string =>
  `candidate ${figure(x)} of ${figure(c)} requests ${verb} (${percent(share(x, c))})${withStable ? `, stable ${figure(y)} of ${figure(s)} (${percent(share(y, s))})` : ''}`;

/**
 * How the shares compare, said after the counts; where the weight changed between, what the counts alone say would be wrong (AN 4.3). Nothing where the counts
 * say it themselves.
 */
export function ratioText({ c, s, x, y }: Split, ratio: number): string {
  if (c === 0 || s === 0) return ': nothing to compare yet';
  if (x === 0 || (y === 0 && !Number.isFinite(ratio))) return '';
  // Both shares were seen, but never at one weight.
  if (y === 0 || !Number.isFinite(ratio)) return ': not compared at one weight yet';
  const crude = share(x, c) / share(y, s);
  return `: ${times(ratio)} as many${Math.abs(ratio / crude - 1) <= 0.05 ? '' : ' at the same weight'}`;
}

export const evidenceOf = (
  split: Split,
  numbers: Omit<MetricEvidence, 'counts' | 'pValue' | 'ratio'> & { ratio: number | null; maxLogE: number },
): MetricEvidence => {
  const { maxLogE, ratio, ...rest } = numbers;
  return {
    ...rest,
    ratio: ratio !== null && Number.isFinite(ratio) ? ratio : null,
    pValue: Math.min(1, Math.exp(-maxLogE)),
    counts: { candidate: { requests: split.c, bad: split.x }, stable: { requests: split.s, bad: split.y } },
  };
};

/** A verdict that is no error: what stands against a pass decides. */
export function verdictOf(summary: string, data: MetricEvidence, failed: string | undefined, open: string | undefined): Verdict {
  const evidence = { summary, data };
  if (failed !== undefined) return { ...fail(failed), evidence };
  if (open !== undefined) return { ...inconclusive(open), evidence };
  return { ...pass(), evidence };
}

/** Against stable, and against the limit. `dwelt`: the stage has had its time. */
export function errorVerdicts(judge: ErrorJudge, rules: Rules, dwelt: boolean): readonly MetricVerdict[] {
  const limit = limitVerdict(judge, rules, dwelt);
  return judge.comparison === undefined || rules.errors === undefined
    ? [limit]
    : [comparisonVerdict(judge, judge.comparison, rules.errors.alpha, dwelt), limit];
}

function comparisonVerdict(judge: ErrorJudge, comparison: Comparison, alpha: number, dwelt: boolean): MetricVerdict {
  const split = judge.tally.rollout;
  const { ratio, phi } = comparison;
  const threshold = Math.log(1 / alpha);
  const summary = `${countsText(split, 'failed', true)}${ratioText(split, ratio)}; evidence ${odds(judge.logE)}, ${odds(threshold)} decides`;
  const data = evidenceOf(split, { logE: judge.logE, threshold, maxLogE: judge.maxLogE, ratio, phi });
  const open = judge.suspicious ? 'evidence' : dwelt ? undefined : 'min-dwell';
  return { metric: 'errors', ...verdictOf(summary, data, judge.regressed ? 'regression' : undefined, open) };
}

function limitVerdict(judge: ErrorJudge, rules: Rules, dwelt: boolean): MetricVerdict {
  const { p0, alpha } = rules.errorLimit;
  const bare = rules.limitMode === 'threshold';
  const split = bare ? judge.tally.stage : judge.tally.rollout;
  const threshold = Math.log(1 / alpha);
  const needs = judge.enough || judge.overLimit ? undefined : needed(judge, rules);
  const how = bare ? '' : `; evidence ${odds(judge.limit.logE)}, ${odds(threshold)} decides`;
  const summary = `${countsText(split, 'failed', false)}, ${percent(p0)} allowed${how}${needs === undefined ? '' : `; ${needs}`}`;
  const data = evidenceOf(split, {
    logE: judge.limit.logE,
    threshold,
    maxLogE: judge.maxLimitLogE,
    ratio: null,
    phi: judge.phi,
    ...(needs === undefined ? {} : { needs }),
  });
  const over = judge.overLimit;
  const open = over ? 'shared-incident' : needs !== undefined ? 'too-few-requests' : dwelt ? undefined : 'min-dwell';
  return { metric: 'error-limit', ...verdictOf(summary, data, over && !judge.shared ? 'absolute' : undefined, open) };
}

function needed(judge: ErrorJudge, { minRequests, limitMode }: Rules): string {
  const fewest = minRequests - judge.tally.stage.c;
  const clean = limitMode === 'threshold' || judge.limit.certified ? 0 : judge.limit.goodRequestsNeeded(judge.phi);
  return clean > fewest ? `needs ${figure(clean)} more requests without a failure` : `needs ${figure(Math.ceil(fewest))} more requests`;
}
