import { invalidOptions } from '../errors/shepherd-error.js';
import type { AnalysisOptions } from '../plan/step.js';
import type { LatencyBound } from '../ports/metrics-provider.js';
import { toMs } from '../words/duration.js';
import { chooseBounds, type LatencyBounds, limitBounds } from './latency-bounds.js';

/**
 * Where latency is judged under these options. `known`: what the provider says it can count; undefined where it does not say.
 * @throws ShepherdError ERR_INVALID_OPTIONS for a limit that no bucket can tell
 */
export const latencyFor = ({ against, latency }: Pick<AnalysisOptions, 'against' | 'latency'>, known: readonly LatencyBound[] | undefined): LatencyBounds => ({
  compare: against === 'limits' || known === undefined ? [] : chooseBounds(known),
  ...(latency === undefined ? {} : { limit: limitOf(latency, known) }),
});

function limitOf({ max }: NonNullable<AnalysisOptions['latency']>, known: readonly LatencyBound[] | undefined): NonNullable<LatencyBounds['limit']> {
  const seconds = toMs(max) / 1_000;
  // Without a request so far nobody knows the buckets: the limit is asked for as it is, and what cannot be counted there is no data.
  if (known === undefined || known.length === 0) return { test: seconds, certify: seconds };
  const bounds = known.map((each) => each.seconds).filter(Number.isFinite);
  const found = limitBounds(seconds, bounds);
  if (found?.certify !== undefined) return found;
  const list = bounds.map((bound) => `${bound * 1_000} ms`).join(', ');
  throw invalidOptions(
    [
      {
        path: 'strategy.analysis.latency.max',
        got: max,
        expected: `a limit from the lowest to the highest bucket of the app's histogram (${list}); ${found === undefined ? 'above it no request is ever too slow' : 'below it nobody can say that a request was fast enough'}`,
      },
    ],
    'choose a limit between the buckets, or give the histogram more of them',
  );
}
