import type { TrackName } from '../words/revision.js';

/** Requests ended since the last poll, and how many of them failed. */
export interface Counted {
  readonly requests: number;
  readonly errors: number;
}

/** Requests and errors of both tracks. */
export type ArmCounts = Readonly<Record<TrackName, Counted>>;
/** Slow requests of both tracks. */
export type ArmSlow = Readonly<Record<TrackName, number>>;

/** What one poll saw of both tracks since the poll before (AN 1.1). Polls never overlap; counts need not be whole. */
export interface Poll {
  /** End of the interval, ISO 8601. */
  readonly at: string;
  /** Its length. */
  readonly seconds: number;
  readonly counts: ArmCounts;
  /** Requests slower than each bound, in the order of the bounds; missing where latency was not read. */
  readonly slow?: readonly ArmSlow[] | undefined;
  /** The weight changed within: what compares the tracks leaves it out (Simpson's paradox), what judges the candidate alone does not (AN 1.3). */
  readonly mixedWeights?: boolean | undefined;
}

/** One poll as the tests take it: c, s requests of candidate and stable; x, y of them bad (failed, or slow). */
export interface Split {
  readonly c: number;
  readonly s: number;
  readonly x: number;
  readonly y: number;
}

export const errorsOf = ({ candidate, stable }: ArmCounts): Split => ({
  c: candidate.requests,
  s: stable.requests,
  x: candidate.errors,
  y: stable.errors,
});

export const slowOf = ({ candidate, stable }: ArmCounts, slow: ArmSlow): Split => ({
  c: candidate.requests,
  s: stable.requests,
  x: slow.candidate,
  y: slow.stable,
});

export const noCounts: Split = { c: 0, s: 0, x: 0, y: 0 };
export const plus = (a: Split, b: Split): Split => ({ c: a.c + b.c, s: a.s + b.s, x: a.x + b.x, y: a.y + b.y });

/** Share of bad ones; 0 without requests. */
export const share = (bad: number, requests: number): number => (requests > 0 ? bad / requests : 0);
