import type { CommandName } from '../events/event.js';
import type { Actor } from '../words/app.js';
import type { Finding } from '../words/finding.js';

/** One thing that is wrong with an input: where, what was there, what was expected. */
export interface Issue {
  readonly path: string;
  /** Where that stands, if it came from a file: `shepherd.config.yaml:12`. */
  readonly at?: string | undefined;
  readonly got: string;
  readonly expected: string;
}

/**
 * What each error code carries. Adapters add codes by declaration merging; each code has a page `docs/reference/errors/<code>.md`.
 */
export interface ErrorFacts {
  readonly ERR_INVALID_OPTIONS: { readonly issues: readonly Issue[] };
  readonly ERR_APP_NOT_FOUND: { readonly app: string; readonly near: readonly string[] };
  readonly ERR_UNSUPPORTED_WORKLOAD: { readonly app: string; readonly field: string; readonly got: string; readonly expected: string };
  readonly ERR_ROLLOUT_NOT_FOUND: { readonly id: string };
  readonly ERR_REVISION_NOT_FOUND: { readonly app: string; readonly hash: string; readonly known: readonly string[] };
  readonly ERR_REVISION_SERVES: { readonly app: string; readonly hash: string };
  readonly ERR_REVISION_INCOMPLETE: { readonly app: string; readonly hash: string; readonly missing: readonly string[] };
  readonly ERR_ROLLBACK_FAILED: {
    readonly app: string;
    readonly why: 'exhausted' | 'environment' | 'deadline';
    readonly environment?: string | undefined;
    readonly attempts: readonly { readonly hash: string; readonly reason: string }[];
  };
  readonly ERR_FORBIDDEN: { readonly missing: readonly { readonly verb: string; readonly resource: string }[] };
  readonly ERR_UNREACHABLE: { readonly what: string; readonly reason: string };
  readonly ERR_CONFLICT: { readonly object: string; readonly reason: string };
  readonly ERR_LOCK_HELD: { readonly rolloutId: string; readonly holder: string; readonly since: string };
  readonly ERR_LOCK_LOST: { readonly rolloutId: string; readonly holder: string };
  readonly ERR_COMMAND_REFUSED: { readonly id: string; readonly command: CommandName; readonly reason: string };
  readonly ERR_PLAN_CHANGED: { readonly expected: string; readonly actual: string; readonly changes: readonly string[] };
  readonly ERR_NOT_REGISTERED: { readonly extension: 'strategy' | 'step' | 'check' | 'gate'; readonly use: string };
  readonly ERR_ABORTED: { readonly by: Actor; readonly reason: string };
  readonly ERR_TIMEOUT: { readonly what: string; readonly afterMs: number; readonly last: string };
  /** `nextOpen`: when it will let a rollout begin, ISO 8601 UTC, where it knows. */
  readonly ERR_GATE_CLOSED: { readonly gate: string; readonly reason: string; readonly nextOpen?: string | undefined };
  readonly ERR_POD_DOOMED: {
    readonly pod: string;
    readonly state: string;
    readonly exitCode?: number | undefined;
    readonly log: readonly string[];
    readonly events?: readonly string[] | undefined;
  };
  readonly ERR_EVICTION_REFUSED: { readonly pod: string; readonly reason: string; readonly budget?: string | undefined };
  readonly ERR_PREFLIGHT: { readonly findings: readonly Finding[] };
  readonly ERR_STEP_FAILED: { readonly step: string; readonly reason: string };
  readonly ERR_JOURNAL: { readonly object: string; readonly reason: string };
  readonly ERR_TOOL: { readonly tool: string; readonly found: string; readonly expected: string };
  readonly ERR_TOOL_FAILED: {
    readonly tool: string;
    readonly command: string;
    readonly exitCode?: number | undefined;
    readonly signal?: string | undefined;
    readonly lines: readonly string[];
  };
  readonly ERR_CHART: { readonly chart: string; readonly reason: string };
  readonly ERR_CHART_VALUES: { readonly issues: readonly Issue[] };
  readonly ERR_RELEASE_TAKEN: { readonly release: string; readonly found: string; readonly wanted: string };
  readonly ERR_RELEASE_PENDING: {
    readonly release: string;
    readonly status: string;
    readonly since: string;
    readonly rolloutId?: string | undefined;
  };
  readonly ERR_UNEXPECTED: { readonly reason: string };
}

/** Every code; each has a page in docs/reference/errors. */
export type ErrorCode = keyof ErrorFacts;

/** An error of one code, as data. */
export interface InfoOf<C extends ErrorCode> {
  readonly code: C;
  readonly message: string;
  /** What the reader does next. */
  readonly remedy: string;
  /** The page of the code. */
  readonly docs: string;
  readonly retryable: boolean;
  readonly facts: ErrorFacts[C];
}

/** An error as data; narrows by `code`. */
export type ErrorInfo = { readonly [C in ErrorCode]: InfoOf<C> }[ErrorCode];
