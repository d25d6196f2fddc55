/** Checks of the box, for `checks` of a request and `smoke` of a strategy. */
import type { Use } from '../extend/definition.js';
import type { Duration } from '../words/duration.js';
import { endpoints } from './endpoints.js';
import { exec } from './exec.js';
import { health } from './health.js';
import { api, type HttpCheck, http, metricsServed } from './http.js';
import { pods, replicas } from './pods.js';
import { quietFor } from './quiet.js';

export type { ExecCheck } from './exec.js';
export type { HttpCheck } from './http.js';
export { api, endpoints, exec, health, http, pods, quietFor, replicas };

/** Every pod serves metrics in the text format of Prometheus. @default path '/metrics' */
export const metrics = (path = '/metrics'): Use<'check'> => metricsServed({ path });

/**
 * The health answer says that the database is connected; where it says that it is not, a rollback goes no further back, since no other version would mend that.
 * @default path '/api/health'
 */
export const database = (path = '/api/health'): Use<'check'> => http({ path, json: { database: 'connected' }, dependency: 'database' });

/** What an app declares of itself. */
export interface StandardOptions {
  /** '0s' leaves it out. @default '60s' */
  readonly quiet?: Duration | undefined;
  /** @default where its probe asks */
  readonly health?: string | undefined;
  /** What its API must answer. @default not asked */
  readonly api?: HttpCheck | undefined;
  /** Where it serves metrics. @default not asked */
  readonly metrics?: string | undefined;
}

/** Checks of any app: pods, endpoints, health (where its probe asks), replicas, and a quiet while; its API and metrics where it declares them. */
export const standard = ({ quiet = '60s', health: path, api: answer, metrics: metricsPath }: StandardOptions = {}): readonly Use<'check'>[] => [
  pods({}),
  endpoints({}),
  health(path === undefined ? {} : { path }),
  ...(answer === undefined ? [] : [api(answer as never)]),
  ...(metricsPath === undefined ? [] : [metrics(metricsPath)]),
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
  api({ path, header: { 'content-type': 'application/json' }, json: { status: 'healthy' } }),
  metrics(metricsPath),
  database(path),
];

/** The guide's six verifications after a rollback: pods, health, API, metrics, replicas, no error for a while. @default quiet '60s' */
export const guideVerification = ({
  quiet = '60s',
  api: answer,
  ...paths
}: {
  readonly health?: string;
  readonly metrics?: string;
  /** @default the health path answers JSON that says "healthy" */
  readonly api?: HttpCheck;
  readonly quiet?: Duration;
} = {}): readonly Use<'check'>[] => {
  const [healthy, valid, counted] = guideSmoke(paths) as [Use<'check'>, Use<'check'>, Use<'check'>];
  return [
    pods({}),
    healthy,
    answer === undefined ? valid : api(answer as never),
    counted,
    replicas({}),
    ...(quiet === '0s' ? [] : [quietFor({ for: quiet, path: paths.health ?? '/api/health', errorRate: 0 })]),
  ];
};

/** All of them, for the registry. */
export const builtInChecks = [http, api, metricsServed, pods, endpoints, health, replicas, quietFor, exec] as const;
