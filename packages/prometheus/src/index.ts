import type { MetricsProvider } from '@shepherd/core';
import type { PrometheusOptions } from './options.js';
import { PrometheusProvider } from './provider.js';

export type { PrometheusOptions, VocabularyName } from './options.js';
export type { Matcher } from './promql/matcher.js';
export type { OwnUsage } from './usage.js';
export type { OwnQueries } from './vocabularies/own.js';

/**
 * Raw counters of both tracks from Prometheus, Thanos, Mimir or VictoriaMetrics. Connects at the first call; each read is one request a track.
 * @throws ShepherdError ERR_INVALID_OPTIONS
 */
export const prometheus = (options: PrometheusOptions): MetricsProvider => new PrometheusProvider(options);
