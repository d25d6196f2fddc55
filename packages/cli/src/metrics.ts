import type { MetricsProvider } from '@shepherd/core';
import type { PrometheusSettings } from './config/settings.js';
import { asDuration } from './flags/seconds.js';

/** What counts the requests of apps; its code is loaded when it is needed. */
export async function connectMetrics(settings: string | PrometheusSettings | undefined): Promise<MetricsProvider | undefined> {
  if (settings === undefined) return undefined;
  const { prometheus } = await import('@shepherd/prometheus');
  if (typeof settings === 'string') return prometheus({ url: settings });
  const { url, bearer, basic, headers, vocabulary, scrapeInterval, timeout } = settings;
  return prometheus({
    url,
    ...(bearer === undefined ? {} : { auth: { bearer } }),
    ...(basic === undefined ? {} : { auth: basic }),
    ...(headers === undefined ? {} : { headers }),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(scrapeInterval === undefined ? {} : { scrapeInterval: asDuration(scrapeInterval) }),
    ...(timeout === undefined ? {} : { timeout: asDuration(timeout) }),
  });
}
