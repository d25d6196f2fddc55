import type { Seen } from './measure.js';
import { shepherd } from './policies/ours.js';
import type { Row } from './row.js';

type Cell = string | number | null | boolean;
const table = (names: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [names, names.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell ?? '–').join(' | ')} |`).join('\n');

const weakest = (rows: readonly Row[], good: boolean): readonly Row[] =>
  rows
    .filter((row) => row.policy === shepherd.name && (row.bad === 1) === good)
    .toSorted((a, b) => b.wrong - a.wrong)
    .slice(0, good ? 8 : 16);

/** What was seen, for docs/benchmarks: the whole of it, weak spots too. */
export function page({ rollouts, seeds, rows, summaries, families, gates, facts }: Seen): string {
  const errors = rows.filter((row): row is Row => 'bad' in row);
  const latency = rows.flatMap((row) => ('factor' in row ? [row] : []));
  const names = summaries.map(({ policy }) => policy);
  const kinds = [...new Set(families.map(({ family }) => family))];
  const range = ([low, high]: readonly [number, number]): string => `${low} to ${high}`;
  const weak = (good: boolean): string =>
    table(
      ['cell', good ? 'taken back, %' : 'missed, %', '95 %'],
      weakest(errors, good).map((row) => [row.cell, row.wrong, range(row.between)]),
    );
  return `# The judge against other rules

\`npm run bench -- judge --write --seeds ${seeds.join(',')}\` wrote this page: ${rollouts.toLocaleString('en')} rollouts a cell and seed, seed ${seeds.join(', ')}, in a simulated world of counts. All rules see the same
rollouts. "-like" is the rule of that tool on our clock with sample settings, not the tool. The numbers were chosen on this simulator, so they are the best case; how the world is made
is in [bench/src/judge](../../bench/src/judge).

![Good releases taken back against bad ones missed](judge.svg)

## Independent requests

Missed: mean over the ${facts['detectableCells']} of 32 cells in which a test that knows how bad the release is finds it at least every second time. Time: median seconds to the rollback over the
oracle's, geometric mean over those cells of which half is caught (how many). Failed: the candidate's failed requests over those under the guide's rule, geometric mean. The oracle knows
how bad a release is and since when, but gets no more than five minutes a stage; a rule that may take longer can miss fewer.

${table(
  ['rule', 'taken back, good: mean %', 'worst cell %', 'missed %', 'time / oracle', 'cells', 'failed / guide'],
  summaries.map((s) => [s.policy, s.falseAbortMean, s.falseAbortWorst, s.missed, s.timeToOracle, s.timedCells, s.failedToGuide]),
)}

## In each kind of weather

Good releases taken back + bad ones missed, mean over all cells of the kind in %, those that nobody can tell too. iid: independent requests; late: bad from the second stage on (a good one is
as in iid); ar1 to ar3: noise of each track that lasts, 10, 20 and 30 %; cluster: failures come in groups of three in the mean.

${table(
  ['rule', ...kinds],
  names.map((policy) => [
    policy,
    ...kinds.map((family) => {
      const score = families.find((each) => each.family === family && each.policy === policy);
      return score === undefined ? null : `${score.falseAborts} + ${score.missed}`;
    }),
  ]),
)}

## Goals

${table(
  ['goal', 'seen', 'limit', 'holds'],
  gates.map(({ gate, seen, limit, holds, why }) => [gate, seen, limit, holds ? (why === undefined ? 'yes' : `not beaten: ${why}`) : 'no']),
)}

## Latency

Log-normal, 80 ms in the median, on Prometheus' default bounds; the bounds are chosen from stable. The first minute of a stage is not looked at.

${table(
  ['cell', 'taken back, %', '95 %', 'median seconds'],
  latency.map((row) => [row.cell, row.back, range(row.between), row.secondsToRollback]),
)}

## Cost

Microseconds of processor time of one poll of one app, median of 200 rollouts of 120 polls, on a machine that did other work too; latency on ${facts['latencyBounds']} bounds.

${table(
  ['', 'errors alone', 'errors and latency'],
  [
    ['from the counts to the decision', facts['judgeMicroseconds'] ?? null, facts['judgeMicrosecondsWithLatency'] ?? null],
    ['from the counters of ten pods to the decision', facts['pollMicroseconds'] ?? null, facts['pollMicrosecondsWithLatency'] ?? null],
    ['from the counters of ten pods to the sentence', facts['wholeMicroseconds'] ?? null, facts['wholeMicrosecondsWithLatency'] ?? null],
    ['bytes of the state as JSON', facts['stateBytes'] ?? null, facts['stateBytesWithLatency'] ?? null],
  ],
)}

The goal of 20 µs is asked of the judging, the first line. Writing verdicts and a sentence for people costs more than deciding.

## Weak spots

Good releases that are taken back most often. A cold start that fails a tenth of the requests for half a minute is taken back on purpose: users did fail.

${weak(true)}

Bad releases that are missed most often. Of one failure in a thousand at one request a second no rule can tell anything in a quarter of an hour.

${weak(false)}
`;
}
