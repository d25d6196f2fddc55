import type { MetricsProvider } from '@shepherd/core';
import type { PrometheusSettings } from './config/settings.js';
import type { Connection } from './connect.js';
import { asDuration } from './flags/seconds.js';
import { secretSource } from './secret-source.js';

/** What counts the requests of apps; its code is loaded when it is needed. */
export async function connectMetrics(
  settings: string | PrometheusSettings | undefined,
  cluster: Pick<Connection, 'kubeconfig' | 'context' | 'namespace'> = {},
): Promise<MetricsProvider | undefined> {
  if (settings === undefined) return undefined;
  const { prometheus } = await import('@shepherd/prometheus');
  if (typeof settings === 'string') return prometheus({ url: settings });
  const { url, bearer, basic, headers, vocabulary, usage, scrapeInterval, timeout } = settings;
  const secret = secretSource(cluster);
  return prometheus({
    url,
    ...(bearer === undefined ? {} : { auth: { bearer: secret(bearer) } }),
    ...(basic === undefined ? {} : { auth: { username: basic.username, password: secret(basic.password) } }),
    ...(headers === undefined ? {} : { headers }),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(usage === undefined ? {} : { usage }),
    ...(scrapeInterval === undefined ? {} : { scrapeInterval: asDuration(scrapeInterval) }),
    ...(timeout === undefined ? {} : { timeout: asDuration(timeout) }),
  });
}
