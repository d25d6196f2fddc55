import type { Revision } from '@shepherd/core';
import type { DiagnosisReport } from '@shepherd/core/diagnosis';
import type { Signs, Verification, Verified } from '@shepherd/core/verification';
import type { NotifySettings } from '../config/notify-settings.js';
import type { Evidence, Found } from './checklist.js';
import { judgedEvidence } from './during-evidence.js';
import type { RolloutFacts } from './rollout-facts.js';
import { wayBack } from './way-back.js';

/** What is known after a release. */
export interface PostFacts {
  readonly app: string;
  /** Health, API, database, metrics, in this order. */
  readonly validation: Verification;
  readonly rollout: RolloutFacts | undefined;
  readonly signs: Signs;
  readonly diagnosis: DiagnosisReport;
  readonly revisions: readonly Revision[];
  readonly serving: string | undefined;
  readonly notify: NotifySettings | undefined;
}

const noRollout: Found = { state: 'open', says: 'no rollout of the app is known' };

/** Pure. */
export function postEvidence(facts: PostFacts): Evidence {
  const { app, validation, rollout, signs, diagnosis, revisions, serving } = facts;
  const [health, api, database, metrics] = validation.checks.map(fromCheck);
  const { errors, latency } = judgedEvidence(rollout, 'errors', 'latency') as Readonly<Record<'errors' | 'latency', Found>>;
  return {
    ...(health === undefined ? {} : { I31: health }),
    ...(api === undefined ? {} : { I32: api }),
    ...(database === undefined ? {} : { I33: database }),
    ...(metrics === undefined ? {} : { I34: metrics }),
    I35: errors.state === 'done' && latency.state === 'failed' ? latency : errors,
    I36: { state: 'open', says: `${diagnosis.state}: ${diagnosis.causes[0].summary}; see shepherd diagnose ${app} partial` },
    I37:
      signs.baseline === undefined
        ? { state: 'failed', says: `none of ${serving ?? 'what serves'}; shepherd baseline ${app}` }
        : { state: 'done', says: baselineText(signs.baseline) },
    I38: alerts(signs),
    I39:
      rollout === undefined
        ? noRollout
        : { state: 'done', says: `${rollout.id} in the journal; shepherd history ${app} --log deployment.log keeps a line of it` },
    I40: configChange(revisions, serving),
    I42: wayBack(revisions, serving, app, true),
    ...announced(facts),
    I46: trouble(rollout),
  };
}

const fromCheck = ({ verdict, says, text }: Verified): Found => ({
  state: verdict === 'pass' ? 'done' : verdict === 'fail' ? 'failed' : 'open',
  says: says === '' ? text : says,
});

const baselineText = ({ at, requests, p50, p95, p99, failed }: NonNullable<Signs['baseline']>): string =>
  `${requests} requests at ${at}: P50 ${p50} ms, P95 ${p95} ms, P99 ${p99} ms, ${failed} failed`;

function alerts({ alerts: firing, alertsUnread }: Signs): Found {
  if (firing === undefined) return { state: 'open', says: alertsUnread ?? 'no Prometheus is named' };
  return firing.length === 0 ? { state: 'done', says: 'none fires in the namespace' } : { state: 'failed', says: `firing: ${firing.join(', ')}` };
}

/** What a release changed beside its template. */
function configChange(revisions: readonly Revision[], serving: string | undefined): Found {
  const at = revisions.findIndex(({ hash }) => hash === serving);
  const [now, before] = [revisions[at], revisions[at + 1]];
  if (now === undefined) return { state: 'open', says: 'what serves is not among the revisions' };
  if (now.config === undefined) return { state: 'open', says: 'what it runs with is not known by hash' };
  if (before === undefined) return { state: 'done', says: 'the first revision: nothing is compared' };
  const old = new Map(before.config?.map(({ object, hash }) => [object, hash]));
  const changed = now.config.filter(({ object, hash }) => old.get(object) !== hash).map(({ object }) => object);
  return { state: 'done', says: changed.length === 0 ? 'none changed' : `changed: ${changed.join(', ')}` };
}

/** What the channels of the config took of this rollout. Incomplete where one did not. */
function announced({ notify, rollout, signs }: PostFacts): Evidence {
  if (notify === undefined) {
    const none: Found = { state: 'open', says: 'the config names no channel' };
    return { I43: none, I44: none, I45: none };
  }
  if (rollout?.outcome?.final !== true) return { I43: { state: 'open', says: rollout === undefined ? noRollout.says : 'the rollout is not over' } };
  const waits = signs.undelivered.filter(({ rolloutId }) => rolloutId === rollout.id);
  const ofEnd = waits.filter(({ type }) => /^(deploy|rollback)\.(succeeded|failed|aborted)$/.test(type));
  const names = Object.keys(notify.channels);
  const took = names.filter((name) => !waits.some(({ notifier }) => notifier === name));
  const support = names.find((name) => /support/i.test(name));
  const told = (missing: typeof waits): Found =>
    missing.length === 0
      ? { state: 'done', says: `by ${took.join(', ')}` }
      : { state: 'failed', says: `${missing.map(({ notifier, type, why }) => `${notifier}: ${type}, ${why}`).join('; ')}; shepherd notify flush` };
  return {
    I43: told(ofEnd),
    I44: told(waits),
    I45: support === undefined ? { state: 'open', says: 'no channel is called support' } : told(waits.filter(({ notifier }) => notifier === support)),
  };
}

/** Needed after whatever did not end well. */
function trouble(rollout: RolloutFacts | undefined): Found {
  const kind = rollout?.outcome?.kind;
  if (kind === undefined) return { state: 'open', says: rollout === undefined ? noRollout.says : 'the rollout is not over' };
  return kind === 'succeeded' ? { state: 'done', says: 'there was none' } : { state: 'open', says: `the rollout ended as ${kind}` };
}
