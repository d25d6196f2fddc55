import { z } from 'zod';
import { invalidOptions } from '../errors/shepherd-error.js';
import type { Registry } from '../extend/registry.js';
import { refuse, shown } from '../strategies/options.js';
import { type Duration, parseDuration } from '../words/duration.js';
import { suspicions } from '../words/suspicion.js';
import type { DeployRequest, ParsedRequest } from './request.js';
import { checkUses, requestIssues } from './request-issues.js';

const duration = z.custom<Duration>((value) => typeof value === 'string' && parseDuration(value) !== undefined, 'a duration with a unit, such as 30s or 5m');
const name = z.string().min(1);
const app = z.union([name, z.strictObject({ name, namespace: name.optional(), cluster: name.optional() })]);
const use = <K extends 'step' | 'check' | 'gate'>(extension: K) => z.strictObject({ extension: z.literal(extension), use: name, input: z.unknown() });
const check = use('check').extend({ incident: z.enum(suspicions).optional() });
const steps = z.array(use('step')).optional();
const request = z.strictObject({
  app: z.union([app, z.tuple([app], app)]),
  release: z.unknown().refine((value) => value !== undefined, 'a release'),
  strategy: z.strictObject({ kind: name, options: z.unknown() }).optional(),
  gates: z.array(use('gate')).optional(),
  checks: z.array(check).optional(),
  hooks: z.strictObject({ beforeApply: steps, beforeTraffic: steps, beforePromote: steps, afterPromote: steps }).optional(),
  timeout: duration.optional(),
  onFailure: z.enum(['rollback', 'pause']).optional(),
  drain: duration.optional(),
  unwatched: duration.optional(),
  reason: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  overrideIncident: name.optional(),
});

const at = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);

/** JSON as a request: checked, its strategy revived. @throws ShepherdError ERR_INVALID_OPTIONS with all issues, ERR_NOT_REGISTERED */
export async function parseRequest(input: unknown, registry: Registry): Promise<ParsedRequest> {
  const result = request.safeParse(input);
  if (!result.success) {
    throw invalidOptions(
      result.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.') || 'request', got: shown(at(input, path)), expected: message })),
    );
  }
  const { strategy, ...rest } = result.data;
  const revived = strategy === undefined ? undefined : await registry.strategy(strategy);
  const parsed = { ...rest, ...(revived === undefined ? {} : { strategy: revived }), parsed: true } as ParsedRequest;
  refuse(requestIssues(parsed as DeployRequest));
  checkUses(parsed, registry);
  return parsed;
}
