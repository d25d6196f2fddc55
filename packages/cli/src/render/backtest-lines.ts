import { formatMs } from '@shepherd/core';
import type { LatencyBounds } from '@shepherd/core/analysis';
import type { Backtest } from '@shepherd/core/backtest';

const msOf = (seconds: number): string => `${Math.round(seconds * 1e6) / 1e3} ms`;
const timeOf = (at: string | undefined): string => at?.slice(11, 19) ?? '--:--:--';

/** Where latency is judged, for people. */
export function latencyLine({ compare, limit }: LatencyBounds): string {
  const compared = compare.length === 0 ? 'latency is not compared: no histogram is known there' : `latency is compared at ${compare.map(msOf).join(', ')}`;
  return limit === undefined ? compared : `${compared}; its limit is judged at ${msOf(limit.test)}`;
}

const verdictOf = ({ kind, seconds }: Backtest): string => {
  const after = formatMs(seconds * 1_000);
  switch (kind) {
    case 'promote':
      return `would have gone on after ${after}`;
    case 'rollback':
      return `would have been taken back after ${after}`;
    case 'pause':
      return `would have waited for a person after ${after}`;
    case 'undecided':
      return `not decided when the readings ended, after ${after}`;
  }
};

/** What a gate would have decided, and on the way to it. */
export function backtestLines(result: Backtest): readonly string[] {
  const { polls, leftOut, taken, missed, skipped, at, sentence } = result;
  const more = leftOut === 0 ? [] : [`  (${leftOut} polls more between these)`];
  const before = skipped === 0 ? '' : `; ${skipped} before the new version was counted`;
  return [
    ...polls.map((poll) => `  ${timeOf(poll.at)} ${poll.sentence}`),
    ...more,
    `${verdictOf(result)}${at === undefined ? '' : `, at ${at}`}`,
    `  ${sentence}`,
    `  ${taken} polls, ${missed} of them without data${before}`,
  ];
}
