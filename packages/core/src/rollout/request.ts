import type { Use } from '../extend/definition.js';
import type { Strategy } from '../strategies/strategy.js';
import type { Actor, AppRef } from '../words/app.js';
import type { Duration } from '../words/duration.js';

/** Where one's own steps go in a built-in strategy. */
export type HookPoint = 'beforeApply' | 'beforeTraffic' | 'beforePromote' | 'afterPromote';

/**
 * What shall be. `JSON.stringify` writes it, `shepherd.parseRequest` revives and checks it. R follows the platform (image, manifests, chart).
 * @default strategy RollingUpdate, checks `standard()`, timeout '1h', onFailure 'rollback'
 */
export interface DeployRequest<out R = unknown> {
  /** One app, or a group that moves together (RR ORD-14); the first one's cluster holds the journal. */
  readonly app: AppRef | readonly [AppRef, ...AppRef[]];
  readonly release: R;
  readonly strategy?: Strategy | undefined;
  readonly gates?: readonly Use<'gate'>[] | undefined;
  /** Smoke before traffic, verification after. */
  readonly checks?: readonly Use<'check'>[] | undefined;
  /** One's own steps in any built-in strategy. */
  readonly hooks?: { readonly [At in HookPoint]?: readonly Use<'step'>[] | undefined } | undefined;
  /** Of the whole rollout; gates and pauses have their own. Passed: it is taken back. */
  readonly timeout?: Duration | undefined;
  readonly onFailure?: 'rollback' | 'pause' | undefined;
  /** How long a side that lost its traffic keeps its pods after that was read back (RR ORD-7, BG-4). @default '30s' */
  readonly drain?: Duration | undefined;
  /**
   * How long it may stand without a process that drives it while the new version has traffic (RR CR-4). Then whoever recovers, or the watchdog, takes it back.
   * @default '5m'
   */
  readonly unwatched?: Duration | undefined;
  readonly reason?: string | undefined;
  /** Ticket, commit, team …: in every event and notice. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * Why it is released although data corruption is suspected or a security incident is open (EC 3, E3 and E4), as a fix is. Kept in the journal. Without it such a
   * deploy is refused (ERR_PREFLIGHT) until somebody resolves the incident.
   */
  readonly overrideIncident?: string | undefined;
}

/** Came in as JSON and was checked by the Shepherd that runs it. */
export type ParsedRequest = DeployRequest & { readonly parsed: true };

/**
 * `to`: a hash, or `#5` where revisions have numbers; where that does not verify, the app goes back to what it ran before. @default the newest verified
 * revision before this one, then further back, at most three, none twice and none known as bad, until one verifies (RR RB-6)
 */
export interface RollbackRequest {
  readonly app: AppRef;
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
  /** Of all attempts together. @default '1h' */
  readonly timeout?: Duration | undefined;
  /** What each revision is asked once its pods are up. @default those of the Shepherd's `defaults`, else the app's, else `standard()` */
  readonly checks?: readonly Use<'check'>[] | undefined;
}

/**
 * How this process goes about it. `signal` aborts the *rollout*: it is taken back; to leave it to another process: `shepherd.close()`. `key`: idempotency,
 * the same key again returns the same rollout. `expect`: hash of the plan that was seen; if another would run: ERR_PLAN_CHANGED. `ifRunning` @default
 * 'refuse' (ERR_LOCK_HELD). `whenPaused: 'leave'` ends this process's part with `paused` (CI) @default 'wait'.
 */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly key?: string | undefined;
  readonly expect?: string | undefined;
  readonly ifRunning?: 'refuse' | 'wait' | 'supersede' | undefined;
  readonly whenPaused?: 'wait' | 'leave' | undefined;
  readonly by?: Actor | undefined;
}
