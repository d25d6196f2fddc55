import { lastNewConnection } from '@shepherd/sandbox/load';
import type { Traffic } from '../lab/index.js';
import { median, orNull, round } from '../traffic/row.js';

/** One way back under load. */
export interface Back {
  /** From the decision to the last new connection on the version that was left; undefined: it had none after the decision. */
  readonly backSeconds: number | undefined;
  /** From the decision to the end: all pods of the other version up and verified, or what the tool takes for that. */
  readonly verifiedSeconds: number;
  readonly requests: number;
  readonly failed: number;
}

/** Medians of several, beside those of another tool. Where nothing stands beside it is null. */
export interface RollbackRow {
  /** How the release had come that is taken back, and where it was: `blue-green, in the grace after the switch`. */
  readonly release: string;
  readonly oldPods: 'up' | 'gone';
  readonly rollbacks: number;
  readonly backSeconds: number | null;
  readonly verifiedSeconds: number | null;
  readonly beside: string | null;
  readonly besideBackSeconds: number | null;
  readonly besideVerifiedSeconds: number | null;
  /** Ours to theirs, of the verified seconds. */
  readonly times: number | null;
  readonly requests: number;
  readonly failed: number;
  readonly besideFailed: number | null;
  /** Seconds to verified of each pair, ours first. */
  readonly pairs: readonly (readonly (number | null)[])[];
}

export const backOf = ({ fresh, kept }: Traffic, left: string, decidedAt: number, endedAt: number): Back => {
  const last = lastNewConnection([...fresh.answers, ...kept.answers], left);
  return {
    backSeconds: last === undefined ? undefined : Math.max(0, last - decidedAt) / 1_000,
    verifiedSeconds: (endedAt - decidedAt) / 1_000,
    requests: fresh.requests + kept.requests,
    failed: fresh.failed + kept.failed,
  };
};

const sum = (backs: readonly Back[], of: (back: Back) => number): number => backs.reduce((total, back) => total + of(back), 0);
const medianOf = (backs: readonly Back[], of: (back: Back) => number | undefined): number | undefined => {
  const values = backs.flatMap((back) => of(back) ?? []);
  return values.length === 0 ? undefined : median(values);
};

export function rowOf(
  release: string,
  oldPods: RollbackRow['oldPods'],
  ours: readonly Back[],
  beside?: { readonly name: string; readonly backs: readonly Back[] },
): RollbackRow {
  const verified = medianOf(ours, (back) => back.verifiedSeconds);
  const theirs = beside === undefined ? undefined : medianOf(beside.backs, (back) => back.verifiedSeconds);
  return {
    release,
    oldPods,
    rollbacks: ours.length,
    backSeconds: orNull(medianOf(ours, (back) => back.backSeconds)),
    verifiedSeconds: orNull(verified),
    beside: beside?.name ?? null,
    besideBackSeconds: beside === undefined ? null : orNull(medianOf(beside.backs, (back) => back.backSeconds)),
    besideVerifiedSeconds: orNull(theirs),
    times: verified === undefined || theirs === undefined ? null : round(verified / theirs),
    requests: sum(ours, (back) => back.requests),
    failed: sum(ours, (back) => back.failed),
    besideFailed: beside === undefined ? null : sum(beside.backs, (back) => back.failed),
    pairs: ours.map((back, index) => [round(back.verifiedSeconds), orNull(beside?.backs[index]?.verifiedSeconds)]),
  };
}
