import type { Finding, Verdict } from '@shepherd/core';
import type { Verification } from '@shepherd/core/verification';
import type { Suggestion } from '../suggest.js';
import type { Evidence, Found } from './checklist.js';
import { findingsEvidence, isChart, isDryRun, isSecret } from './findings-evidence.js';
import { metricsOf, type RolloutFacts } from './rollout-facts.js';

/** What is known while a release runs. */
export interface DuringFacts {
  /** Where it is written to, for people. */
  readonly cluster: string;
  /** With the flags of a release; undefined: none was named. */
  readonly findings: readonly Finding[] | undefined;
  readonly hasChart: boolean;
  readonly rollout: RolloutFacts | undefined;
  readonly strategy: string | undefined;
  readonly suggestion: Suggestion | undefined;
  readonly verification: Verification;
}

const noRollout: Found = { state: 'open', says: 'no rollout of the app is known' };

/** Pure. */
export function duringEvidence(facts: DuringFacts): Evidence {
  const { cluster, rollout, strategy, suggestion, verification } = facts;
  const suggested = suggestion === undefined || suggestion.strategy === strategy ? '' : `; ${suggestion.strategy} would fit, for ${suggestion.why}`;
  return {
    I19: { state: 'done', says: cluster },
    I20: secrets(facts),
    I21:
      facts.findings !== undefined && !facts.hasChart ? { state: 'done', says: 'it is no chart' } : named(facts, isChart, 'helm lint has nothing against it'),
    I22: named(facts, isDryRun, 'the server would take every write of the plan'),
    I23: strategy === undefined ? noRollout : { state: 'done', says: `${strategy}${suggested}` },
    I24:
      rollout === undefined
        ? noRollout
        : { state: 'done', says: `${rollout.id}, by ${rollout.by}, ${rollout.startedAt}${rollout.reason === undefined ? '' : `: ${rollout.reason}`}` },
    I25: monitored(rollout),
    I26: checked(verification, 'shepherd/health'),
    I27: checked(verification, 'shepherd/pods'),
    I28: checked(verification, 'shepherd/endpoints'),
    ...judgedEvidence(rollout, 'I29', 'I30'),
  };
}

/** By the preflight of a release that is named. */
const named = ({ findings }: DuringFacts, against: (finding: Finding) => boolean, well: string): Found =>
  findings === undefined ? { state: 'open', says: 'preflight tells: name the release, --image or --chart' } : findingsEvidence(findings, against, well);

/** Also by the rollout: none begins without what its pods refer to. */
function secrets(facts: DuringFacts): Found {
  if (facts.findings === undefined && facts.rollout !== undefined) return { state: 'done', says: `${facts.rollout.id} began, which it does not without them` };
  return named(facts, isSecret, 'all that the pods refer to are there');
}

function monitored(rollout: RolloutFacts | undefined): Found {
  if (rollout === undefined) return noRollout;
  if (rollout.judged !== undefined) return { state: 'done', says: `judged by metrics, last at ${rollout.judged.at}` };
  const watched = rollout.plan.steps.some(({ step }) => step.kind === 'analyse' && step.options.errorRate !== undefined);
  return watched
    ? { state: 'done', says: 'the plan has stages that are judged by metrics' }
    : { state: 'open', says: 'no step of the rollout is judged by metrics' };
}

/** A check of a verification, by its name. */
export function checked({ checks }: Pick<Verification, 'checks'>, use: string): Found {
  const found = checks.find((each) => each.use === use);
  if (found === undefined) return { state: 'open', says: `${use.replace('shepherd/', '')} was not asked` };
  return fromVerdict(found.verdict, found.says === '' ? found.text : found.says);
}

const fromVerdict = (kind: Verdict['kind'], says: string): Found => ({ state: kind === 'pass' ? 'done' : kind === 'fail' ? 'failed' : 'open', says });

/** Error rate and response times, by the newest verdict that rests on metrics. */
export function judgedEvidence(rollout: RolloutFacts | undefined, errors: string, latency: string): Evidence {
  const { judged } = rollout ?? {};
  const none: Found = rollout === undefined ? noRollout : { state: 'open', says: 'no step of the rollout was judged by metrics' };
  if (judged === undefined) return { [errors]: none, [latency]: none };
  const of = (...names: readonly string[]): Found => {
    const own = metricsOf(judged.verdict).filter(({ metric }) => names.includes(metric));
    const [worst] = own.toSorted((a, b) => rank(a.kind) - rank(b.kind));
    if (worst === undefined) return { state: 'open', says: 'it was not judged by this' };
    return fromVerdict(worst.kind, `${worst.evidence?.summary ?? worst.reason ?? worst.kind} (${judged.at})`);
  };
  return { [errors]: of('errors', 'error-limit'), [latency]: of('latency', 'latency-limit') };
}

const rank = (kind: Verdict['kind']): number => ['fail', 'error', 'inconclusive', 'pass'].indexOf(kind);
