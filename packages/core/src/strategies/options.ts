import type { Issue } from '../errors/error-facts.js';
import { invalidOptions } from '../errors/shepherd-error.js';
import type { AnalysisOptions } from '../plan/step.js';
import { parseDuration } from '../words/duration.js';
import type { Judged } from './strategy.js';

/** `got` of an issue: short, on one line. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(typeof value === 'object' ? JSON.stringify(value) : value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

/** The issue of a duration that is none, or below the least allowed. */
export function durationIssue(path: string, value: unknown, leastMs = 0): readonly Issue[] {
  if (value === undefined) return [];
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined) return [{ path, got: shown(value), expected: 'a duration with a unit, such as 30s or 5m' }];
  return ms < leastMs ? [{ path, got: shown(value), expected: `at least ${leastMs} ms` }] : [];
}

const near = (name: string, known: readonly string[]): string => {
  const close = known.find((each) => each.toLowerCase().startsWith(name.slice(0, 4).toLowerCase()));
  return close === undefined ? `one of ${known.join(', ')}` : `${close}`;
};

/** Names that no option has: a typo must not become a default. */
export const unknownKeys = (path: string, value: object, known: readonly string[]): readonly Issue[] =>
  Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: `${path}.${key}`, got: 'an unknown option', expected: near(key, known) }));

const analysisKeys = ['errorRate', 'latency', 'checks', 'minRequests', 'sensitivity', 'against', 'onInconclusive'];

/** Beyond these no evidence ever decides: a limit that cannot be broken. */
const mostErrors = 0.9;
const leastQuantile = 0.1;

export function analysisIssues(path: string, analysis: AnalysisOptions | false | undefined): readonly Issue[] {
  if (analysis === undefined || analysis === false) return [];
  const { errorRate, latency, minRequests } = analysis;
  const choice = (name: string, value: unknown, known: readonly string[]): readonly Issue[] =>
    value === undefined || known.includes(value as string) ? [] : [{ path: `${path}.${name}`, got: shown(value), expected: `one of ${known.join(', ')}` }];
  return [
    ...unknownKeys(path, analysis, analysisKeys),
    ...(errorRate !== undefined && !(errorRate.max > 0 && errorRate.max <= mostErrors)
      ? [{ path: `${path}.errorRate.max`, got: shown(errorRate.max), expected: `a share between 0 and ${mostErrors}, such as 0.05` }]
      : []),
    ...choice('errorRate.mode', errorRate?.mode, ['evidence', 'threshold']),
    ...choice('sensitivity', analysis.sensitivity, ['low', 'medium', 'high']),
    ...choice('against', analysis.against, ['stable', 'limits']),
    ...choice('onInconclusive', analysis.onInconclusive, ['pause', 'rollback', 'promote']),
    ...(latency !== undefined && !(latency.quantile >= leastQuantile && latency.quantile < 1)
      ? [{ path: `${path}.latency.quantile`, got: shown(latency.quantile), expected: `a share from ${leastQuantile} to below 1, such as 0.99` }]
      : []),
    ...(latency === undefined ? [] : durationIssue(`${path}.latency.max`, latency.max, 1)),
    ...(minRequests !== undefined && !(Number.isInteger(minRequests) && minRequests > 0)
      ? [{ path: `${path}.minRequests`, got: shown(minRequests), expected: 'a whole number above 0' }]
      : []),
  ];
}

/** What all judged strategies share. */
export const judgedIssues = ({ analysis, approval }: Judged): readonly Issue[] => [
  ...analysisIssues('strategy.analysis', analysis),
  ...(approval === undefined
    ? []
    : [
        ...durationIssue('strategy.approval.timeout', approval.timeout ?? '', 1_000),
        ...(['approve', 'reject'].includes(approval.onTimeout)
          ? []
          : [{ path: 'strategy.approval.onTimeout', got: shown(approval.onTimeout), expected: 'approve or reject' }]),
      ]),
];

export function refuse(issues: readonly Issue[], remedy?: string): void {
  if (issues.length > 0) throw invalidOptions(issues, remedy);
}
