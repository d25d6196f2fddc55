import type { Use } from '../extend/definition.js';
import type { Situation } from '../plan/situation.js';
import type { AnalysisOptions } from '../plan/step.js';
import { cheap } from './placing.js';
import type { Judged } from './strategy.js';

/** The guide's threshold, where nothing else is asked for and there is no stable side to compare with (GC E4). */
const guideErrorRate = 0.05;

/** What an `analyse` step of a built-in strategy judges by: metrics where there is a provider and nobody said no, else checks and pods alone. */
export function judging(
  analysis: Judged['analysis'],
  { judged }: Pick<Situation, 'judged'>,
  checks: readonly Use<'check'>[],
  against: 'stable' | 'limits',
): AnalysisOptions {
  if (analysis === false || (analysis === undefined && !judged)) return { against: 'limits', checks: cheap(checks) };
  const { errorRate, latency, checks: more = [], ...rest } = analysis ?? {};
  const seen = against === 'limits' ? against : (rest.against ?? against);
  const limit = errorRate ?? (seen === 'limits' && latency === undefined ? { max: guideErrorRate } : undefined);
  return {
    ...rest,
    ...(limit === undefined ? {} : { errorRate: limit }),
    ...(latency === undefined ? {} : { latency }),
    against: seen,
    checks: [...cheap(checks), ...more],
  };
}

/** Whether a step needs a metrics provider. */
export const needsMetrics = ({ against = 'stable', errorRate, latency, minRequests }: AnalysisOptions): boolean =>
  against === 'stable' || errorRate !== undefined || latency !== undefined || minRequests !== undefined;
