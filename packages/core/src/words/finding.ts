/**
 * One result of preflight or lint. `error` blocks the rollout, `warning` is printed, `note` says what was looked at and found well. The id is stable: each has
 * an entry in docs/reference/preflight.md.
 */
export interface Finding {
  readonly id: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  /** What to do about it, as an order: `set maxUnavailable to 0`. */
  readonly fix: string;
  /** `Deployment web`. */
  readonly object?: string | undefined;
  /** The field of the object: `spec.strategy.rollingUpdate.maxUnavailable`. */
  readonly path?: string | undefined;
}
