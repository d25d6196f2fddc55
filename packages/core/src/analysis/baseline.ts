import type { TrackName } from '../words/revision.js';

/** The last counters of one target: what the next ones are subtracted from. Times in ms. */
export interface Baseline {
  readonly track: TrackName;
  readonly target: string;
  readonly startedAt: number | undefined;
  readonly sampledAt: number;
  readonly requests: number;
  readonly errors: number;
  readonly slow: readonly number[];
}

/** The same as the journal keeps it: short, since there may be hundreds. */
export type SavedBaseline = readonly [
  track: 'c' | 's',
  target: string,
  startedAt: number | null,
  sampledAt: number,
  requests: number,
  errors: number,
  ...slow: number[],
];

export const save = ({ track, target, startedAt, sampledAt, requests, errors, slow }: Baseline): SavedBaseline => [
  track === 'candidate' ? 'c' : 's',
  target,
  startedAt ?? null,
  sampledAt,
  requests,
  errors,
  ...slow,
];

export const revive = ([track, target, startedAt, sampledAt, requests, errors, ...slow]: SavedBaseline): Baseline => ({
  track: track === 'c' ? 'candidate' : 'stable',
  target,
  startedAt: startedAt ?? undefined,
  sampledAt,
  requests,
  errors,
  slow,
});

/** Start times are read from clocks that round. */
const startJitterMs = 1_000;

/** `from-zero`: its counters began anew since the last reading. `back`: they fell without that (a replica switched, a late sample). */
export function changeOf(last: Baseline, now: Baseline): 'on' | 'from-zero' | 'back' {
  const fell = now.requests < last.requests;
  if (last.startedAt !== undefined && now.startedAt !== undefined) {
    if (now.startedAt > last.startedAt + (fell ? 0 : startJitterMs)) return 'from-zero';
  } else if (now.requests < last.requests / 2) return 'from-zero';
  const less = now.slow.some((count, i) => count < (last.slow[i] ?? 0));
  return fell || now.errors < last.errors || less ? 'back' : 'on';
}
