import { z } from 'zod';
import { asDuration } from '../flags/seconds.js';
import { strategyNames } from '../flags/strategy.js';
import { notifySchema } from './notify-schema.js';

const name = z.string().min(1);
const seconds = z
  .union([z.number().nonnegative(), z.string()])
  .refine((value) => asDuration(value) !== undefined, 'seconds, or a number with a unit: 180 or "3m"');
const path = z.string().startsWith('/');
const incident = z
  .enum(['data-corruption', 'security'])
  .optional()
  .describe('What a wrong answer may mean: the incident is opened at once, and the rollout waits for a person instead of going back');
const check = z.union([
  path,
  z.strictObject({
    path,
    status: z.int().min(100).max(599).optional(),
    text: z.string().optional(),
    json: z.unknown().optional(),
    header: z.record(z.string(), z.string()).optional(),
    incident,
  }),
  z.strictObject({
    exec: z.array(z.string()).min(1).describe('Program and arguments; no shell reads them'),
    container: name.optional().describe('Default: the one that answers requests'),
    timeout: seconds.optional().describe('At most 300 (default: 10)'),
    expect: name.optional().describe('What it must print'),
    incident,
  }),
]);
const secretPlace = z
  .union([z.strictObject({ env: name }), z.strictObject({ file: name }), z.strictObject({ secretRef: z.strictObject({ name, key: name }) })])
  .describe('Where the secret stands, never the secret itself');
const address = z.url({ protocol: /^https?$/ });
const prometheus = z.union([
  address,
  z.strictObject({
    url: address,
    bearer: secretPlace.optional(),
    basic: z.strictObject({ username: name, password: secretPlace }).optional(),
    headers: z.record(z.string(), z.string()).optional().describe("Such as a tenant's X-Scope-OrgID; no credentials"),
    vocabulary: z.enum(['http', 'ingress-nginx', 'istio', 'opentelemetry']).optional().describe('How requests are counted (default: found out)'),
    usage: z
      .strictObject({
        cpu: name.optional().describe('Cores of all pods'),
        memory: name.optional().describe('Bytes, one series a pod'),
        databaseConnections: name.optional().describe('In use, of all pods'),
      })
      .optional()
      .describe('Queries for what `watch --for` shows, where it is not called as usual: sum(pool_busy{$where})'),
    scrapeInterval: seconds.optional().describe('How often it scrapes (default: 15)'),
    timeout: seconds.optional().describe('How long one question may take'),
  }),
]);
const analysis = z.union([
  z.literal(false),
  z.strictObject({
    errorThreshold: z.number().gt(0).lt(100).optional().describe('Percent of failed requests that is too much'),
    latencyThreshold: z.number().positive().optional().describe('P99 that is too much, in milliseconds'),
    sensitivity: z.enum(['low', 'medium', 'high']).optional().describe('How soon it goes back, and how often wrongly (default: medium)'),
    onInconclusive: z.enum(['pause', 'rollback', 'promote']).optional().describe('Where the metrics do not say (default: pause)'),
  }),
]);
const window = z.strictObject({
  name,
  kind: z.enum(['allow', 'deny']),
  schedule: z.string().describe('When it begins: minute hour day month weekday, by the clocks of timeZone'),
  duration: z.string().describe('How long it lasts on those clocks: 90m, 2h'),
  timeZone: z.string().describe('IANA: Europe/Berlin'),
  reason: z.string().optional(),
  onOpenRun: z.enum(['finish', 'pause', 'rollback']).optional().describe('What a rollout under way does when its window ends (default: finish)'),
  apps: z.array(name).min(1).optional().describe('Applies to these alone: web, shop/web'),
  environments: z.array(name).min(1).optional().describe('Applies in these alone'),
});

const itemId = z.string().regex(/^I([1-9]|[1-3]\d|4[0-6])$/, 'an id from I1 to I46');

const settings = {
  app: name.optional().describe('The app that is meant where no command names one: web, shop/web'),
  namespace: name.optional().describe("Default: the context's"),
  context: name.optional().describe('Of the kubeconfig'),
  kubeconfig: name.optional().describe("Path, from the config's folder"),
  chart: name.optional().describe('What is released where no image is named: a folder, an archive, or its address'),
  chartVersion: name.optional(),
  values: z
    .array(z.union([name, z.record(z.string(), z.unknown())]))
    .optional()
    .describe('Files of values, or values; later ones win'),
  strategy: z.enum(strategyNames).optional().describe('Default: rolling'),
  stages: z
    .array(z.int().min(1).max(100))
    .min(1)
    .refine((all) => all.every((each, i) => i === 0 || each > (all[i - 1] ?? 0)) && all.at(-1) === 100, 'percents that rise and end at 100')
    .optional()
    .describe('Of a canary, in percent (default: 10, 25, 50, 75, 100)'),
  interval: seconds.optional().describe("Time of a canary's stage (default: 300)"),
  gracePeriod: seconds.optional().describe('How long the old side stays after a blue/green switch (default: 300)'),
  smokeTimeout: seconds.optional().describe('Time of all smoke tests (default: 120)'),
  drain: seconds.optional().describe('How long pods without traffic stay (default: 30)'),
  unwatched: seconds.optional().describe('How long it may stand without a driver while the new version has traffic (default: 300)'),
  prometheus: prometheus.optional().describe('Where requests are counted'),
  analysis: analysis.optional().describe('What a release is judged by; false: health checks and pods alone'),
  checks: z
    .array(check)
    .optional()
    .describe('Paths that every new pod must answer, and commands that must end with code 0 in one, on top of the standard checks'),
  dependencies: z
    .array(z.strictObject({ name, address: z.string().regex(/^[^\s/:@]+:\d{1,5}$/, 'host:port'), auth: path.optional() }))
    .optional()
    .describe('What the app needs, for diagnose'),
  timeout: seconds.optional().describe('Of the whole rollout; then it is taken back (default: 3600)'),
  windows: z.array(window).min(1).optional().describe('Maintenance windows'),
  requireEnv: name.optional().describe('The environment in which each image must have succeeded before'),
  risk: z.enum(['normal', 'high']).optional().describe('high: plan suggests a canary (default: normal)'),
  production: z
    .boolean()
    .optional()
    .describe('Severe acts ask for the name of the app (default: where environment, namespace, cluster or context is called prod or production)'),
  checklist: z
    .strictObject({ required: z.union([z.literal('all'), z.array(itemId)]).optional(), skip: z.array(itemId).optional() })
    .optional()
    .describe('What `shepherd checklist` insists on, and what does not apply; ids such as I8'),
  requiredSecrets: z
    .array(z.strictObject({ name, keys: z.array(name).optional() }))
    .optional()
    .describe('Secrets, and keys of them, that must be there before anything is written'),
  notify: notifySchema.optional().describe('Who is told what happens'),
  telemetry: z
    .strictObject({ otel: z.boolean().optional().describe('Spans and metrics by OpenTelemetry (default: where OTEL_EXPORTER_OTLP_ENDPOINT is set)') })
    .optional()
    .describe('What is sent of rollouts beside notices'),
};

/** What an environment may say, and the config itself beside its environments. */
export const settingsSchema = z.strictObject(settings);

/** The one truth about a config. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  schemaVersion: z.literal(1).optional(),
  ...settings,
  environments: z.record(name, settingsSchema).optional().describe('Overrides by name, chosen with --environment; each in a namespace of its own'),
});

/** The schema as editors read it, JSON Schema 2020-12. */
export const jsonSchema = (): object => ({
  $id: 'https://shepherd.dev/shepherd.schema.json',
  title: 'shepherd.config',
  ...z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' }),
});
