import { formatMs } from '../words/duration.js';
import type { GateDecision, GateFacts, GateLimits } from './decide.js';
import type { MetricEvidence, MetricName, MetricVerdict } from './metric-verdict.js';

const about: Readonly<Record<string, readonly MetricName[]>> = {
  regression: ['errors'],
  absolute: ['error-limit'],
  latency: ['latency', 'latency-limit'],
  restarts: ['pods'],
  saturation: ['pods'],
  'too-few-requests': ['error-limit'],
  evidence: ['errors', 'latency'],
  'shared-incident': ['error-limit', 'latency-limit'],
};

/** What keeps a stage from ending, the first that applies (AN 2, rows 7 to 9). */
const open = ['evidence', 'too-few-requests', 'saturation', 'restarts'] as const;

const textOf = (verdict: MetricVerdict): string => verdict.evidence?.summary ?? (verdict.kind === 'pass' ? 'well' : verdict.reason);
const reasonOf = (verdict: MetricVerdict): string | undefined => (verdict.kind === 'pass' ? undefined : verdict.reason);

/** The verdict that a decision rests on: one that failed, else one that is open, else the first that speaks of it. */
function behind(decision: GateDecision, verdicts: readonly MetricVerdict[]): MetricVerdict | undefined {
  const named = verdicts.filter(({ metric }) => about[decision.reason]?.includes(metric) ?? true);
  const unproven = decision.reason === 'inconclusive' || decision.reason === 'inconclusive-policy' ? open : [];
  const opens = unproven.flatMap((reason) => named.filter((verdict) => reasonOf(verdict) === reason));
  return named.find(({ kind }) => kind === 'fail') ?? opens[0] ?? named.find(({ kind }) => kind !== 'pass') ?? named[0];
}

const needsOf = ({ evidence }: MetricVerdict): string | undefined => (evidence?.data as Partial<MetricEvidence> | undefined)?.needs;

/** The counts that a decision rests on. Where nothing was proven, also what is missing for a proof. */
function groundsOf(decision: GateDecision, verdicts: readonly MetricVerdict[]): string {
  const verdict = behind(decision, verdicts);
  if (verdict === undefined) return '';
  const text = textOf(verdict);
  const needs = decision.kind === 'pause' || decision.reason === 'inconclusive-policy' ? verdicts.map(needsOf).find((each) => each !== undefined) : undefined;
  return needs === undefined || text.includes(needs) ? text : `${text}; ${needs}`;
}

const span = (seconds: number): string => formatMs(seconds * 1_000);
const unproven = 'as asked for when nothing is proven';

/** `grounds`: the counts alone. `sentence`: what is done, and the counts that it rests on. */
export function sentenceOf(
  decision: GateDecision,
  verdicts: readonly MetricVerdict[],
  facts: GateFacts,
  limits: GateLimits,
): { readonly sentence: string; readonly grounds: string } {
  const grounds = groundsOf(decision, verdicts);
  return { sentence: `${doneText(decision, facts, limits)}: ${seenText(decision, facts, grounds)}`, grounds };
}

const seenText = ({ kind, reason }: GateDecision, { observed }: GateFacts, grounds: string): string =>
  kind === 'watch' && reason === 'no-data' && observed ? 'not all metrics are there' : grounds;

function doneText(decision: GateDecision, facts: GateFacts, limits: GateLimits): string {
  switch (decision.kind) {
    case 'promote':
      return decision.reason === 'inconclusive-policy' ? `goes on, ${unproven}` : 'goes on';
    case 'rollback':
      return decision.reason === 'inconclusive-policy' ? `goes back, ${unproven}` : 'goes back';
    case 'pause':
      return 'waits for a person, nothing is proven';
    case 'hold':
      return `holds for ${span(facts.holdSeconds)} of at most ${span(limits.holdSeconds)}, stable has the same trouble`;
    case 'watch':
      return decision.reason === 'no-data' ? 'watches without data' : `watches, ${span(facts.clockSeconds)} of ${span(limits.stageSeconds)}`;
  }
}
