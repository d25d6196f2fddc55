import { z } from 'zod';

const name = z.string().min(1);
const place = z.union([z.strictObject({ env: name }), z.strictObject({ file: name }), z.strictObject({ secretRef: z.strictObject({ name, key: name }) })], {
  error: "where it stands, never the secret itself: { env: 'NAME' }, { file: 'PATH' } or { secretRef: { name, key } }",
});
const any = { allowPrivate: z.boolean().optional() };
const api = z.url({ protocol: /^https?$/ }).optional();

const slack = z
  .strictObject({ kind: z.literal('slack'), webhook: place.optional(), token: place.optional(), channel: z.string().min(1).optional(), api, ...any })
  .superRefine(({ webhook, token, channel, api: address }, context) => {
    const isBot = token !== undefined && channel !== undefined && webhook === undefined;
    const isHook = webhook !== undefined && token === undefined && channel === undefined && address === undefined;
    if (!isBot && !isHook) context.addIssue({ code: 'custom', message: 'webhook alone, or token and channel of a bot' });
  });

const channel = z.discriminatedUnion(
  'kind',
  [
    slack,
    z.strictObject({ kind: z.literal('pagerduty'), routingKey: place.optional(), api, ...any }),
    z.strictObject({ kind: z.literal('teams'), webhook: place, ...any }),
    z.strictObject({ kind: z.literal('discord'), webhook: place, threadId: z.string().optional(), ...any }),
    z.strictObject({
      kind: z.literal('webhook'),
      url: place,
      secrets: z.union([place, z.array(place).min(1).max(3)], { error: 'where one to three secrets stand' }),
      headers: z.record(z.string(), z.string()).optional(),
      ...any,
    }),
    z.strictObject({
      kind: z.literal('cdevents'),
      url: place,
      token: place.optional(),
      mode: z.enum(['binary', 'structured']).optional(),
      environment: z.string().min(1).optional(),
      ...any,
    }),
    z.strictObject({
      kind: z.literal('grafana'),
      url: z.url({ protocol: /^https?$/ }),
      token: place,
      dashboardUid: z.string().min(1).optional(),
      panelId: z.int().positive().optional(),
      ...any,
    }),
  ],
  { error: 'one of slack, pagerduty, teams, discord, webhook, cdevents, grafana' },
);

const route = z.strictObject({
  channels: z.array(z.string().min(1)).min(1),
  types: z.array(z.string().regex(/^[a-z]\w*\.(?:\*|\w+)$/, 'types such as deploy.failed or incident.*')).optional(),
  minSeverity: z.enum(['info', 'warning', 'error', 'critical']).optional(),
  environments: z.array(z.string().min(1)).optional(),
  apps: z.array(z.string().min(1)).optional(),
});

/** `notify` of a config. Secrets in it are refused, so that none is ever committed. */
export const notifySchema = z
  .strictObject({ channels: z.record(z.string().min(1), channel), routes: z.array(route).optional(), escalation: z.array(z.string().min(1)).min(1).optional() })
  .superRefine(({ channels, routes = [], escalation = [] }, context) => {
    const known = Object.keys(channels);
    const check = (names: readonly string[], path: readonly (string | number)[]): void =>
      names.forEach((name, index) => {
        if (!known.includes(name)) context.addIssue({ code: 'custom', path: [...path, index], message: `one of ${known.join(', ')}` });
      });
    check(escalation, ['escalation']);
    routes.forEach(({ channels: names }, index) => check(names, ['routes', index, 'channels']));
  });
