import type { App, ObservedRollout, Outcome } from '@shepherd/core';
import { environmentOf, sourceOf } from './attributes.js';
import { exposureOf } from './exposure.js';

/** What the four DORA figures are counted from; the counting is whoever collects them. JSON. */
export interface ReleaseFacts {
  readonly rolloutId: string;
  readonly app: App;
  readonly environment: string;
  readonly strategy: string;
  readonly version: readonly string[];
  readonly commit?: string | undefined;
  /** ISO 8601, from `metadata.commitTime`. */
  readonly committedAt?: string | undefined;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome: Outcome['kind'];
  /** The most of the traffic that met the new version, in percent, and how long it had any. */
  readonly exposure: { readonly maxPercent: number; readonly seconds: number };
  /** Images of what serves again, of a release that was taken back or a rollback. */
  readonly rolledBackTo?: readonly string[] | undefined;
}

/** The facts of a rollout that is over, from what an observer gets with `rollout-end`. Pure. */
export function releaseFacts(rollout: ObservedRollout, outcome: Outcome, env: Readonly<Record<string, string | undefined>> = {}): ReleaseFacts {
  const { id, app, strategy, startedAt, metadata, to } = rollout;
  const endedAt = new Date(Date.parse(startedAt) + outcome.ms).toISOString();
  const restored = outcome.kind === 'rolled-back' ? outcome.from : strategy === 'rollback' && outcome.kind === 'succeeded' ? outcome.to : undefined;
  const { commit } = sourceOf(rollout, env);
  return {
    rolloutId: id,
    app,
    environment: environmentOf(rollout),
    strategy,
    version: to.images,
    ...(commit === undefined ? {} : { commit }),
    ...(metadata['commitTime'] === undefined ? {} : { committedAt: metadata['commitTime'] }),
    startedAt,
    endedAt,
    outcome: outcome.kind,
    exposure: exposureOf(rollout.events, endedAt),
    ...(restored === undefined ? {} : { rolledBackTo: restored.images }),
  };
}
