import type { Actor, App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { Clock } from './clock.js';
import type { Port } from './port.js';

/**
 * Delivers one notice. Outbox, retries, order and redaction are core's. `wants`: its routes; of several, what any of them lets through. What its `preflight` finds
 * is told and blocks no rollout.
 */
export interface Notifier extends Port {
  readonly wants?: NoticeFilter | readonly NoticeFilter[] | undefined;
  /** Delivers it once, or says what became of it; a throw is taken for `retry`. */
  send(notice: Notice, context: NotifyContext): Promise<Delivery>;
}

/** `ref`: from the first delivery of this rollout: edit that message, or answer in its thread. */
export interface NotifyContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly attempt: number;
  readonly ref: string | undefined;
}

/**
 * What became of one notice. `ref`: of the message, for later notices of the same rollout. `refused`: trying again is no use. `gone`: nor is anything else, the
 * channel does not exist any more; what is left for it stays where it is.
 */
export type Delivery =
  | { readonly kind: 'sent'; readonly ref?: string | undefined }
  | { readonly kind: 'retry'; readonly why: string; readonly after?: Duration | undefined }
  | { readonly kind: 'refused'; readonly why: string; readonly gone?: boolean | undefined };

/** The route to a notifier. @default all severities, all types, all apps */
export interface NoticeFilter {
  readonly minSeverity?: Notice['severity'] | undefined;
  /** Such as `deploy.failed`; `incident.*` are all that begin so. */
  readonly types?: readonly string[] | undefined;
  readonly apps?: readonly string[] | undefined;
}

/** One message for people about a rollout; `id` stays the same when it is delivered again. `at`: ISO 8601 UTC. `terminal`: the last one. */
export interface Notice {
  readonly id: string;
  readonly rolloutId: string;
  readonly sequence: number;
  readonly type: string;
  readonly severity: 'info' | 'warning' | 'error' | 'critical';
  readonly terminal: boolean;
  readonly at: string;
  readonly app: App;
  readonly by: Actor;
  readonly title: string;
  readonly text: string;
  readonly facts: readonly { readonly key: string; readonly value: string }[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
  readonly metadata: Readonly<Record<string, string>>;
  /** `rolling`, `blue-green`, `canary`, one's own, `rollback`, or the remedy: `restart`, `scale`, `evict`. Undefined of an incident, as the next two. */
  readonly strategy?: string | undefined;
  /** The version that served before; undefined at a first deploy. */
  readonly from?: NoticeVersion | undefined;
  readonly to?: NoticeVersion | undefined;
}

/** A revision as a notice names it. */
export interface NoticeVersion {
  readonly hash: string;
  readonly images: readonly string[];
}
