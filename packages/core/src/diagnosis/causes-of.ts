import type { App } from '../words/app.js';
import { type CauseCode, type CheckableEvidence, causeClasses, type FoundCause, type Hint } from './cause.js';
import { crashRule } from './rules/crashes.js';
import { creationRule } from './rules/creation.js';
import { dependencyRule } from './rules/dependencies.js';
import { imageRule } from './rules/images.js';
import { failedPodRule, nodeRule } from './rules/nodes.js';
import { probeRule } from './rules/probes.js';
import { deadlineRule, startingRule } from './rules/progress.js';
import { goneRule, referenceRule } from './rules/references.js';
import { routingRule } from './rules/routing.js';
import { autoscalerRule, budgetRule, cpuRule, stoppedRule } from './rules/scaling.js';
import { schedulingRule } from './rules/scheduling.js';
import { Seen } from './seen.js';

type Rule = (seen: Seen) => readonly Hint[];

const rules: readonly Rule[] = [
  nodeRule,
  failedPodRule,
  creationRule,
  referenceRule,
  imageRule,
  schedulingRule,
  dependencyRule,
  crashRule,
  probeRule,
  routingRule,
  deadlineRule,
  stoppedRule,
  autoscalerRule,
  budgetRule,
  cpuRule,
];

const order = new Map((Object.keys(causeClasses) as CauseCode[]).map((code, index) => [code, index]));
const confidences = ['certain', 'likely', 'possible'] as const;
/** What stands beside an app that serves. */
const besides: ReadonlySet<CauseCode> = new Set(['autoscaler-at-max', 'autoscaler-blind', 'cpu-at-limit', 'budget-blocks']);

/**
 * Why an app is not well, what explains most first; one cause that says so where it is. In which order the evidence came does not matter, and what is not known
 * as evidence is left out. Pure.
 */
export function causesOf(app: App, evidence: readonly unknown[]): readonly [FoundCause, ...FoundCause[]] {
  const seen = new Seen(app, evidence);
  const found = merged(rules.flatMap((rule) => rule(seen)));
  const serious = found.filter(({ code }) => !besides.has(code));
  // What is gone is the cause where pods wait for it; else it is one to come.
  const gone = merged(goneRule(seen)).filter(({ code }) => !found.some((each) => each.code === code));
  const rest = serious.length === 0 ? startingRule(seen) : [];
  const ranked = [...ranks(serious), ...rest, ...ranks(gone), ...ranks(found.filter(({ code }) => besides.has(code)))];
  const causes = ranked.map((hint): FoundCause => ({ ...hint, class: causeClasses[hint.code] }));
  const [first, ...more] = causes;
  if (first !== undefined) return [first, ...more];
  return [wellOf(seen)];
}

/** Root before symptom; of the same depth the surer one. What is merely possible explains nothing that is certain. */
function ranks(hints: readonly Hint[]): readonly Hint[] {
  const depth = ({ code, confidence }: Hint): number => (order.get(code) ?? 0) + (confidence === 'possible' ? 1_000 : 0);
  return hints.toSorted(
    (a, b) =>
      depth(a) - depth(b) || confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) || (a.object < b.object ? -1 : a.object > b.object ? 1 : 0),
  );
}

/** One cause for pods that fail alike. */
function merged(hints: readonly Hint[]): readonly Hint[] {
  const groups = new Map<string, Hint[]>();
  for (const hint of hints) {
    const key = hint.object.startsWith('Pod ') ? hint.code : `${hint.code} ${hint.object}`;
    groups.set(key, [...(groups.get(key) ?? []), hint]);
  }
  return [...groups.values()].map(([first, ...others]) => {
    const hint = first as Hint;
    const more = [...new Set(others.map(({ object }) => object))].filter((object) => object !== hint.object);
    if (more.length === 0) return hint;
    const check = hint.evidence[0].check;
    const said: CheckableEvidence = { summary: `the same of ${more.slice(0, 5).join(', ')}${more.length > 5 ? ` and ${more.length - 5} more` : ''}`, check };
    return { ...hint, evidence: [...hint.evidence, said] };
  });
}

function wellOf(seen: Seen): FoundCause {
  const workloads = seen.all('workload');
  const evidence: readonly CheckableEvidence[] = [
    ...workloads.map(({ object, data, check }) => ({ summary: `${object}: ${data.ready} of ${data.replicas} pods ready`, check })),
    ...seen.all('service').map(({ object, data, check }) => ({ summary: `${object} sends to ${data.ready} ready pods`, check })),
    ...seen
      .all('dependency')
      .map(({ data, check }) => ({ summary: `${data.name} at ${data.address}: name ${data.dns}, port ${data.tcp}, login ${data.auth}`, check })),
  ];
  const object = workloads[0]?.object ?? `app ${seen.app.name}`;
  const [first, ...rest] = evidence;
  if (workloads.length === 0 || first === undefined)
    return {
      code: 'unknown',
      class: 'none',
      object,
      summary: 'nothing of the app could be read',
      evidence: [{ summary: 'the platform told nothing of its workload', check: `shepherd status ${seen.name}` }, ...evidence],
      confidence: 'possible',
      fix: 'see what could not be read, and why',
      next: `shepherd status ${seen.name}`,
    };
  return {
    code: 'healthy',
    class: 'none',
    object,
    summary: 'all pods are ready and nothing that was read is wrong',
    evidence: [first, ...rest],
    confidence: 'certain',
    fix: 'nothing',
    next: `shepherd status ${seen.name}`,
  };
}
