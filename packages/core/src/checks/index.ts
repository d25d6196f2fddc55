/** Checks of the box, for `checks` of a request and `smoke` of a strategy. */
import type { Use } from '../extend/definition.js';
import type { Duration } from '../words/duration.js';
import { endpoints } from './endpoints.js';
import { health } from './health.js';
import { http } from './http.js';
import { pods, replicas } from './pods.js';
import { quietFor } from './quiet.js';

export type { HttpCheck } from './http.js';
export { endpoints, health, http, pods, quietFor, replicas };

/** Every pod serves metrics in the text format of Prometheus. @default path '/metrics' */
export const metrics = (path = '/metrics'): Use<'check'> => http({ path, text: '# TYPE' });

/** The health answer says that the database is connected. @default path '/api/health' */
export const database = (path = '/api/health'): Use<'check'> => http({ path, json: { database: 'connected' } });

/** Checks of any app: pods, endpoints, health (where its probe asks), replicas, and a quiet while. @default quiet '60s'; '0s' leaves it out */
export const standard = ({ quiet = '60s', health: path }: { readonly quiet?: Duration; readonly health?: string } = {}): readonly Use<'check'>[] => [
  pods({}),
  endpoints({}),
  health(path === undefined ? {} : { path }),
  replicas({}),
  ...(quiet === '0s' ? [] : [quietFor({ for: quiet })]),
];

/** The guide's four smoke tests: health, API, metrics, database. @default health '/api/health', metrics '/metrics' */
export const guideSmoke = ({
  health: path = '/api/health',
  metrics: metricsPath = '/metrics',
}: {
  readonly health?: string;
  readonly metrics?: string;
} = {}): readonly Use<'check'>[] => [
  health({ path }),
  http({ path, header: { 'content-type': 'application/json' }, json: { status: 'healthy' } }),
  metrics(metricsPath),
  database(path),
];

/** The guide's six verifications: pods, health, API, metrics, replicas, no error for a while. @default quiet '60s' */
export const guideVerification = ({
  quiet = '60s',
  ...paths
}: {
  readonly health?: string;
  readonly metrics?: string;
  readonly quiet?: Duration;
} = {}): readonly Use<'check'>[] => [
  pods({}),
  ...guideSmoke(paths).slice(0, 3),
  replicas({}),
  ...(quiet === '0s' ? [] : [quietFor({ for: quiet, path: paths.health ?? '/api/health' })]),
];

/** All of them, for the registry. */
export const builtInChecks = [http, pods, endpoints, health, replicas, quietFor] as const;
