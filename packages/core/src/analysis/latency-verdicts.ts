import { countsText, evidenceOf, ratioText, verdictOf } from './error-verdicts.js';
import { bound as boundText, odds, percent } from './figures.js';
import type { LatencyJudge } from './latency-judge.js';
import type { MetricVerdict } from './metric-verdict.js';
import type { Rules } from './rules.js';

/** Against stable at the bound that says most, and against the limit. */
export function latencyVerdicts(judge: LatencyJudge, rules: Rules, dwelt: boolean): readonly MetricVerdict[] {
  return [...comparisonVerdict(judge, rules, dwelt), ...limitVerdict(judge, rules, dwelt)];
}

function comparisonVerdict(judge: LatencyJudge, rules: Rules, dwelt: boolean): readonly MetricVerdict[] {
  const [first, ...others] = judge.compared;
  if (first === undefined) return [];
  const { comparison, tally, bound } = others.reduce((most, each) => (each.comparison.logE > most.comparison.logE ? each : most), first);
  const split = tally.rollout;
  const { ratio, phi } = comparison;
  const threshold = Math.log(1 / rules.slow.alpha);
  const summary = `${countsText(split, `over ${boundText(bound)}`, true)}${ratioText(split, ratio)}; evidence ${odds(judge.logE)}, ${odds(threshold)} decides`;
  const data = evidenceOf(split, { logE: judge.logE, threshold, maxLogE: judge.maxLogE, ratio, phi, bound });
  const open = judge.suspicious ? 'evidence' : dwelt ? undefined : 'min-dwell';
  return [{ metric: 'latency', ...verdictOf(summary, data, judge.regressed ? 'latency' : undefined, open) }];
}

function limitVerdict(judge: LatencyJudge, rules: Rules, dwelt: boolean): readonly MetricVerdict[] {
  const { limit, tested } = judge;
  if (limit === undefined || tested === undefined || rules.slowLimit === undefined) return [];
  const { p0, alpha } = rules.slowLimit;
  const split = tested.tally.rollout;
  const threshold = Math.log(1 / alpha);
  const proven = judge.certified ? '; proven to be below' : '';
  const allowed = `at most ${percent(p0)} allowed${proven}`;
  const summary = `${countsText(split, `over ${boundText(tested.bound)}`, false)}, ${allowed}; evidence ${odds(limit.logE)}, ${odds(threshold)} decides`;
  const { phi } = tested.comparison;
  const data = evidenceOf(split, { logE: limit.logE, threshold, maxLogE: judge.maxLimitLogE, ratio: null, phi, bound: tested.bound });
  const open = judge.overLimit ? 'shared-incident' : dwelt ? undefined : 'min-dwell';
  return [{ metric: 'latency-limit', ...verdictOf(summary, data, judge.overLimit && !judge.shared ? 'latency' : undefined, open) }];
}
