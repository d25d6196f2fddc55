import type { Actor } from '../words/app.js';
import { isSuspicion } from '../words/suspicion.js';

/** What is wrong with an app, as people say it. `cluster`: with more than the app. */
export const incidentKinds = ['outage', 'degradation', 'data-corruption', 'security', 'cluster'] as const;
/** One of `incidentKinds`. */
export type IncidentKind = (typeof incidentKinds)[number];

/** Why somebody is called (EC 3). E2, rollbacks that fail, is said by the rollout's own notices. */
export type EscalationRule = 'E1' | 'E3' | 'E4' | 'E5' | 'E6' | 'D1';

/** A clock of an incident. `at`: when it is due, or when it fired; absolute, so that it survives restarts. ISO 8601 UTC. */
export interface RuleTime {
  readonly rule: EscalationRule;
  readonly at: string;
}

/** Something that is wrong with an app, until somebody resolves it. JSON. */
export interface Incident {
  /** `eu_shop_web_I…`: address and incident. */
  readonly id: string;
  readonly kind: IncidentKind;
  readonly reason: string;
  readonly by: Actor;
  /** When it began, as far as is known. ISO 8601 UTC, as all times here. */
  readonly since: string;
  readonly openedAt: string;
  /** A watch saw it, and closes it once the app is well again. */
  readonly seen?: true | undefined;
  readonly cause?: { readonly text: string; readonly by: Actor; readonly at: string } | undefined;
  readonly resolved?: { readonly reason: string; readonly by: Actor; readonly at: string } | undefined;
  /** Clocks that run. */
  readonly clocks: readonly RuleTime[];
  /** Clocks that are over: each fired once. */
  readonly fired: readonly RuleTime[];
  /** A watch goes back by itself since D1 fired, under this incident's id as key. */
  readonly goesBack?: true | undefined;
  /** Of its last notice. */
  readonly sequence: number;
}

const minute = 60_000;

/** The clocks of EC 3, in ms; `from`: when it began or when it was opened. 0: at once. */
export const rules: Readonly<Record<EscalationRule, { readonly afterMs: number; readonly from: 'since' | 'openedAt'; readonly says: string }>> = {
  E1: { afterMs: 15 * minute, from: 'since', says: 'outage for over 15 minutes' },
  E3: { afterMs: 0, from: 'openedAt', says: 'data corruption suspected: automation holds, and a person decides' },
  E4: { afterMs: 0, from: 'openedAt', says: 'security incident: automation holds, and a person decides' },
  E5: { afterMs: 0, from: 'openedAt', says: 'trouble with the whole cluster' },
  E6: { afterMs: 30 * minute, from: 'openedAt', says: 'cause unknown after 30 minutes' },
  D1: { afterMs: 15 * minute, from: 'openedAt', says: 'no better after 15 minutes: going back is recommended' },
};

const rulesOf: Readonly<Record<IncidentKind, readonly EscalationRule[]>> = {
  outage: ['E1', 'E6'],
  degradation: ['D1', 'E6'],
  'data-corruption': ['E3', 'E6'],
  security: ['E4', 'E6'],
  cluster: ['E5', 'E6'],
};

/** The clocks of a new incident. */
export const clocksOf = (kind: IncidentKind, times: { readonly since: string; readonly openedAt: string }): readonly RuleTime[] =>
  rulesOf[kind].map((rule) => ({ rule, at: new Date(Date.parse(times[rules[rule].from]) + rules[rule].afterMs).toISOString() }));

/** Kinds in which going back may make it worse, or hide what happened: nothing goes back by itself (EC 3, RR G3). */
export const holds = ({ kind, resolved }: Pick<Incident, 'kind' | 'resolved'>): boolean => resolved === undefined && isSuspicion(kind);
