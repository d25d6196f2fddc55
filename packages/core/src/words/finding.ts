/** One result of preflight or lint. `error` blocks the rollout, `warning` is printed. */
export interface Finding {
  readonly id: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** What to do about it, as an order: `set maxUnavailable to 0`. */
  readonly fix: string;
  readonly object?: string | undefined;
}
