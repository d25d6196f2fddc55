import type { Finding } from '@shepherd/core';
import { pdb, singleReplica, surgeZero } from './capacity.js';
import { imageTag, secretLiteral } from './content.js';
import { graceBudget, prestopMissing, prestopRouter, prestopShell, prestopVersion } from './ending.js';
import { hpaReplicas, managedBy } from './owners.js';
import { livenessSame, readinessMissing } from './probes.js';
import { albGate, ingressNginx, keepAlive, localPolicy } from './routing.js';
import { selectorCatchesBoth, selectorChange } from './selectors.js';
import { ignoredIds, type Rule, type Subject } from './subject.js';
import { deadline, historyLimit, minReady } from './timing.js';

/** By the id without `zd/`. The rule `quota` is of preflight/room.ts. */
export const zeroDowntimeRules: Readonly<Record<string, Rule>> = {
  'readiness-missing': readinessMissing,
  'liveness-same': livenessSame,
  'single-replica': singleReplica,
  'surge-zero': surgeZero,
  'image-tag': imageTag,
  pdb,
  'prestop-missing': prestopMissing,
  'grace-budget': graceBudget,
  'prestop-shell': prestopShell,
  'prestop-version': prestopVersion,
  'prestop-router': prestopRouter,
  'min-ready': minReady,
  deadline,
  'history-limit': historyLimit,
  'selector-change': selectorChange,
  'selector-catches-both': selectorCatchesBoth,
  'hpa-replicas': hpaReplicas,
  'alb-gate': albGate,
  'local-policy': localPolicy,
  'managed-by': managedBy,
  'keep-alive': keepAlive,
  'ingress-nginx': ingressNginx,
  'secret-literal': secretLiteral,
};

/** What will lose requests, whatever version is released. Pure. */
export const zeroDowntimeFindings = (subject: Subject): readonly Finding[] => Object.values(zeroDowntimeRules).flatMap((rule) => rule(subject));

/** Findings that the owner of the app has silenced, with a reason, become notes that say so. Pure. */
export function withoutIgnored(findings: readonly Finding[], { deployment }: Pick<Subject, 'deployment'>): readonly Finding[] {
  const ignored = ignoredIds(deployment);
  return findings.map((finding) => {
    const reason = ignored.get(finding.id);
    return reason === undefined ? finding : { ...finding, level: 'note', message: `silenced (${reason}): ${finding.message}`, fix: 'nothing to do' };
  });
}
