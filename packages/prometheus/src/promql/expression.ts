import { type AnyMatcher, labelText, renderMatcher, renderMatchers } from './matcher.js';
import { quote } from './quote.js';

/** Our own label: what a row of an answer is. */
export const partLabel = 'shepherd';

const plainMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** A name with dots stands in quotes among the matchers (Prometheus 3). */
export const selector = (metric: string, matchers: readonly AnyMatcher[]): string =>
  plainMetric.test(metric) ? `${metric}{${renderMatchers(matchers)}}` : `{${[quote(metric), ...matchers.map(renderMatcher)].join(',')}}`;

export const aggregate = (operator: 'sum' | 'max' | 'min' | 'count', labels: readonly string[], vector: string): string =>
  `${operator} by (${labels.map(labelText).join(', ')}) (${vector})`;

/** The rows of a vector, marked, so that several may come in one answer. */
export const part = (name: string, vector: string): string => `label_replace(${vector}, ${quote(partLabel)}, ${quote(name)}, "job", ".*")`;

export const union = (vectors: readonly string[]): string => vectors.join(' or ');

/** Series, perhaps only those whose (job, instance) stands in another vector too. */
export interface Source {
  readonly selector: string;
  readonly only?: string | undefined;
}

/** A vector of several sources; `wrap` is a function that needs the bare selector, as `timestamp` does. */
export const vectorOf = (sources: readonly Source[], wrap: (selector: string) => string = (bare) => bare): string =>
  union(sources.map(({ selector: bare, only }) => (only === undefined ? wrap(bare) : `(${wrap(bare)} and on (job, instance) ${only})`)));
