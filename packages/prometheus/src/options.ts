import { type Duration, type Issue, invalidOptions, parseDuration, type SecretSource, type Transport } from '@shepherd/core';
import { type Matcher, renderMatcher } from './promql/matcher.js';
import type { OwnUsage } from './usage.js';
import type { OwnQueries } from './vocabularies/own.js';

/** Names by which a kind of app or mesh counts its requests. */
export type VocabularyName = 'http' | 'ingress-nginx' | 'istio' | 'opentelemetry';

/** Which Prometheus, how it is reached, and what it calls things. */
export interface PrometheusOptions {
  /** The base, without `/api/v1`: `https://prometheus.internal`, `https://mimir/prometheus`, `https://vm/select/0/prometheus`. */
  readonly url: string;
  readonly auth?: { readonly bearer: SecretSource } | { readonly username: string; readonly password: SecretSource } | undefined;
  /** `X-Scope-OrgID` and the like; what is secret comes from a source. */
  readonly headers?: Readonly<Record<string, string | SecretSource>> | undefined;
  /** PEM: who is trusted beside the system's authorities, and a client certificate. `serverName` @default the host of `url` */
  readonly tls?:
    | {
        readonly ca?: SecretSource | undefined;
        readonly cert?: SecretSource | undefined;
        readonly key?: SecretSource | undefined;
        readonly serverName?: string | undefined;
      }
    | undefined;
  /** How the app's metrics are called. @default detected before the rollout, per app */
  readonly vocabulary?: VocabularyName | undefined;
  /** Counters of one's own instead of a vocabulary. */
  readonly queries?: OwnQueries | undefined;
  /** What pods use, where it is not called as usual: for people, and for the judge of memory after a release. @default the usual names */
  readonly usage?: OwnUsage | undefined;
  /** Labels that name the app's pods, where scraping gives them other names. @default `namespace`, `pod`; of OpenTelemetry `k8s_namespace_name`, `k8s_pod_name` */
  readonly labels?: { readonly namespace?: string | undefined; readonly pod?: string | undefined } | undefined;
  /** More conditions on every series: one cluster of many, one port, no health checks. */
  readonly where?: readonly Matcher[] | undefined;
  /** Name of the main Ingress, for `ingress-nginx`. @default the app's name */
  readonly ingress?: string | undefined;
  /** How late samples arrive. Behind remote write, or VictoriaMetrics' latency offset, 30 s to 60 s. @default '5s' */
  readonly lag?: Duration | undefined;
  /** Samples older than twice this are stale, and as often a release is looked at. @default found from the samples; a look every 15 s */
  readonly scrapeInterval?: Duration | undefined;
  /** Of each request. @default '10s' */
  readonly timeout?: Duration | undefined;
  /** A Prometheus in this process: what `sandbox.prometheus` gives. @default HTTP */
  readonly transport?: Transport | undefined;
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const usageNames: readonly string[] = ['cpu', 'memory', 'databaseConnections'] satisfies readonly (keyof OwnUsage)[];
const names: readonly string[] = ['http', 'ingress-nginx', 'istio', 'opentelemetry'] satisfies readonly VocabularyName[];

/** @throws ShepherdError ERR_INVALID_OPTIONS with all that is wrong; no value of a header or a secret is in it */
export function checkOptions(options: PrometheusOptions): void {
  const { headers = {}, vocabulary, queries, labels = {}, where = [], usage = {} } = options;
  const issues: Issue[] = [...urlIssues(options.url)];
  const bad = (path: string, got: unknown, expected: string): void => void issues.push({ path, got: JSON.stringify(got) ?? 'nothing', expected });
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name)) bad('headers', name, 'names of HTTP headers');
    else if (name.toLowerCase() === 'authorization')
      issues.push({ path: `headers.${name}`, got: 'a literal', expected: 'auth, which takes a source of the secret' });
    else if (typeof value === 'string' && /[^\t\x20-\x7e\x80-\xff]/.test(value))
      issues.push({ path: `headers.${name}`, got: 'control characters', expected: 'one line of text' });
  }
  if (vocabulary !== undefined && !names.includes(vocabulary)) bad('vocabulary', vocabulary, names.join(', '));
  if (vocabulary !== undefined && queries !== undefined) bad('queries', 'queries and a vocabulary', 'one of them');
  for (const name of ['lag', 'scrapeInterval', 'timeout'] as const) {
    const given = options[name];
    if (given !== undefined && parseDuration(given) === undefined) bad(name, given, 'a duration such as 30s');
  }
  for (const [name, label] of Object.entries(labels))
    if (label !== undefined && !/^[a-zA-Z_]\w*$/.test(label)) bad(`labels.${name}`, label, 'the name of a label');
  for (const [name, query] of Object.entries(usage)) {
    if (!usageNames.includes(name)) bad(`usage.${name}`, name, usageNames.join(', '));
    else if (query !== undefined && (typeof query !== 'string' || query.trim() === '')) bad(`usage.${name}`, query, 'a query');
  }
  if (issues.length > 0) throw invalidOptions(issues);
  for (const matcher of where) renderMatcher(matcher);
}

function urlIssues(url: string): readonly Issue[] {
  const expected = 'the base of a Prometheus API: https://host or https://host/prometheus';
  const issue = (got: string, wanted = expected): readonly Issue[] => [{ path: 'url', got, expected: wanted }];
  if (typeof url !== 'string' || !URL.canParse(url)) return issue(typeof url === 'string' && !url.includes('@') ? JSON.stringify(url) : 'no URL');
  const { protocol, username, password, search, hash, pathname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return issue(protocol, 'http: or https:');
  // Neither is repeated: this is where people put secrets.
  if (username !== '' || password !== '') return issue('a user name or password in the address', 'auth');
  if (search !== '' || hash !== '') return issue('a query string', expected);
  if (/\/api\/v1(\/|$)|\/(graph|query)\/?$/.test(pathname)) return issue(JSON.stringify(pathname), 'the path before /api/v1 or /graph');
  return [];
}
