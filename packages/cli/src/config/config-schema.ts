import { type Issue, invalidOptions } from '@shepherd/core';
import { z } from 'zod';
import { asDuration } from '../flags/seconds.js';
import { strategyNames } from '../flags/strategy.js';
import { nearest } from '../nearest.js';
import { notifySchema } from './notify-schema.js';
import type { Config } from './settings.js';

const seconds = z
  .union([z.number().nonnegative(), z.string()])
  .refine((value) => asDuration(value) !== undefined, 'seconds, or a number with a unit: 180 or "3m"');
const check = z.union([
  z.string().startsWith('/'),
  z.strictObject({
    path: z.string().startsWith('/'),
    status: z.int().min(100).max(599).optional(),
    text: z.string().optional(),
    json: z.unknown().optional(),
    header: z.record(z.string(), z.string()).optional(),
  }),
]);
const secretPlace = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);
const fields = {
  app: z.string().min(1).optional(),
  namespace: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  kubeconfig: z.string().min(1).optional(),
  chart: z.string().min(1).optional(),
  chartVersion: z.string().min(1).optional(),
  values: z.array(z.union([z.string().min(1), z.record(z.string(), z.unknown())])).optional(),
  strategy: z.enum(strategyNames).optional(),
  stages: z.array(z.int().min(1).max(100)).min(1).optional(),
  interval: seconds.optional(),
  gracePeriod: seconds.optional(),
  smokeTimeout: seconds.optional(),
  drain: seconds.optional(),
  unwatched: seconds.optional(),
  prometheus: z
    .union([
      z.url({ protocol: /^https?$/ }),
      z.strictObject({
        url: z.url({ protocol: /^https?$/ }),
        bearer: secretPlace.optional(),
        basic: z.strictObject({ username: z.string().min(1), password: secretPlace }).optional(),
        headers: z.record(z.string(), z.string()).optional(),
        vocabulary: z.enum(['http', 'ingress-nginx', 'istio', 'opentelemetry']).optional(),
        scrapeInterval: seconds.optional(),
        timeout: seconds.optional(),
      }),
    ])
    .optional(),
  analysis: z
    .union([
      z.literal(false),
      z.strictObject({
        errorThreshold: z.number().gt(0).lt(100).optional(),
        latencyThreshold: z.number().positive().optional(),
        sensitivity: z.enum(['low', 'medium', 'high']).optional(),
        onInconclusive: z.enum(['pause', 'rollback', 'promote']).optional(),
      }),
    ])
    .optional(),
  checks: z.array(check).optional(),
  dependencies: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        address: z.string().regex(/^[^\s/:@]+:\d{1,5}$/, 'host:port'),
        auth: z.string().startsWith('/').optional(),
      }),
    )
    .optional(),
  notify: notifySchema.optional(),
  timeout: seconds.optional(),
  requiredSecrets: z.array(z.strictObject({ name: z.string().min(1), keys: z.array(z.string().min(1)).optional() })).optional(),
};
const schema = z.strictObject({ ...fields, environments: z.record(z.string(), z.strictObject(fields)).optional() });

/** The content of a config file, checked strictly. @throws ShepherdError ERR_INVALID_OPTIONS with every issue and the file's name */
export function parseConfig(content: unknown, file: string): Config {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw invalidOptions(
    result.error.issues.flatMap((issue) => issuesOf(issue, content)),
    `correct ${file}`,
  );
}

function issuesOf(issue: z.core.$ZodIssue, content: unknown): readonly Issue[] {
  const path = (last?: PropertyKey): string => ['config', ...issue.path, ...(last === undefined ? [] : [last])].map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.includes('notify') ? [] : [...Object.keys(fields), ...(issue.path.length === 0 ? ['environments'] : [])];
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return { path: path(key), got: 'an unknown field', expected: near ?? (known.length === 0 ? 'no such field' : `one of ${known.join(', ')}`) };
    });
  }
  const given = at(content, issue.path);
  // What stands where a secret's place belongs may be the secret.
  const got = issue.path.includes('notify') && issue.path.at(-1) !== 'kind' ? (typeof given === 'string' ? 'a text' : typeof given) : shown(given);
  return [{ path: path(), got, expected: issue.message.replace(/^Invalid (input|option): expected /, '') }];
}

const at = (content: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined), content);

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};
