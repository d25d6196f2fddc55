import type { FoundCause } from '../diagnosis/cause.js';
import type { ErrorInfo } from '../errors/error-facts.js';
import type { Step } from '../plan/step.js';
import type { Actor, App } from '../words/app.js';
import type { Duration } from '../words/duration.js';
import type { Revision } from '../words/revision.js';
import type { Verdict } from '../words/verdict.js';

/**
 * Why it turned back or stopped; where it ended is the outcome's kind. `found`: what is wrong with its pods, as `diagnose` names it, if it was seen in time.
 */
export type Cause =
  | { readonly kind: 'step'; readonly index: number; readonly step: Step; readonly error: ErrorInfo; readonly found?: FoundCause | undefined }
  | { readonly kind: 'verdict'; readonly index: number; readonly step: Step; readonly verdict: Verdict; readonly found?: FoundCause | undefined }
  | { readonly kind: 'gate'; readonly gate: string; readonly reason: string; readonly nextOpen?: string | undefined }
  | { readonly kind: 'deadline'; readonly after: Duration; readonly found?: FoundCause | undefined }
  | { readonly kind: 'abort'; readonly by: Actor; readonly reason: string };

/** A revision that a rollback went to, and why it did not stay there. JSON. */
export interface Attempt {
  readonly revision: Revision;
  /** What was written, where its hash is not that of `revision`. */
  readonly wrote?: string | undefined;
  readonly cause: Cause;
  /** What an older revision would not mend either: `unschedulable`, `quota`, `registry`, `dependency`, `platform`, `conflict`. */
  readonly environment?: string | undefined;
  /** How long it took. */
  readonly ms: number;
}

/** What every outcome says. `from`: the revision that served before, undefined at a first deploy; `to`: the one asked for. `attempts`: revisions that a rollback tried before and that did not verify, in order. `startedAt`: ISO 8601 UTC. */
export interface OutcomeBase {
  readonly rolloutId: string;
  readonly targets: readonly App[];
  readonly from: Revision | undefined;
  readonly to: Revision | undefined;
  readonly startedAt: string;
  readonly ms: number;
  readonly attempts?: readonly Attempt[] | undefined;
}

/**
 * Where the world stands; JSON, the same in every process. `final: false`: this process left, the rollout is not over. `changed: false`: it ran already.
 * `unwatchedDeadline`: by then somebody must drive it, else it is taken back (RR CR-4); undefined where it may stand. `trafficBackMs`: from the decision to traffic read back as all on stable; undefined if the candidate never had any.
 */
export type Outcome = OutcomeBase &
  (
    | { readonly kind: 'succeeded'; readonly final: true; readonly serving: 'candidate'; readonly changed: boolean }
    | { readonly kind: 'rolled-back'; readonly final: true; readonly serving: 'stable'; readonly cause: Cause; readonly trafficBackMs: number | undefined }
    | { readonly kind: 'rollback-failed'; readonly final: true; readonly serving: 'mixed' | 'unknown'; readonly cause: Cause; readonly error: ErrorInfo }
    | { readonly kind: 'failed-untouched'; readonly final: true; readonly serving: 'stable'; readonly error: ErrorInfo }
    | { readonly kind: 'superseded'; readonly final: true; readonly serving: 'stable'; readonly by: string }
    | {
        readonly kind: 'paused';
        readonly final: false;
        readonly by: Actor;
        readonly reason: string;
        readonly until: string;
        readonly unwatchedDeadline?: string | undefined;
      }
    | { readonly kind: 'detached'; readonly final: false; readonly unwatchedDeadline?: string | undefined }
    | { readonly kind: 'lock-lost'; readonly final: false }
  );
