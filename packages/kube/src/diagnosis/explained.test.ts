// A release that fails and a look at the same pods by hand name the same cause (KC DG-7).
import { type FoundCause, formatCause, formatOutcome, Shepherd } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { type CauseCode, diagnose } from '@shepherd/core/diagnosis';
import { type Behaviour, createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { kubernetes } from '../index.js';

let sandbox: Sandbox;
let someone: Person;
const images = {
  '1.0.0': {},
  gone: { pull: 'not-found' },
  closed: { pull: 'denied' },
  crash: { crash: { exitCode: 3, log: 'listening soon\nfatal: no DATABASE_URL password=hunter2' } },
  done: { crash: { exitCode: 0 } },
  nodb: { crash: { exitCode: 1, log: 'Error: connect ECONNREFUSED 10.0.0.9:27017' } },
  sick: { health: 503 },
} as const satisfies Readonly<Record<string, Behaviour>>;

beforeEach(async () => {
  sandbox = await createSandbox({ nodes: 2 });
  for (const [tag, behaviour] of Object.entries(images)) sandbox.image(`registry/web:${tag}`, behaviour);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 2 });
  someone = person(sandbox);
  // What is loaded at first use takes real time, in which virtual time jumps past every deadline.
  await using shepherd = open();
  await shepherd.status('web');
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const open = () => new Shepherd({ platform: kubernetes({ ...sandbox.connection, namespace: 'shop' }) });
const container = (more: object): object => ({ spec: { template: { spec: { containers: [{ name: 'web', ...more }] } } } });
const image = (tag: string): object => container({ image: `registry/web:${tag}` });
/** Names of pods differ from one ReplicaSet to the next. */
const told = ({ code, class: of, summary, fix, confidence }: FoundCause) => ({ code, of, summary, fix, confidence });

const cases: readonly (readonly [string, CauseCode, object, RegExp])[] = [
  ['an image that is not there', 'image-not-found', image('gone'), /the registry has no image registry\/web:gone \((?:ErrImagePull|ImagePullBackOff)\)$/],
  ['an image that may not be pulled', 'image-denied', image('closed'), /does not let the cluster pull/],
  ['a crash', 'crash', image('crash'), /container web ends with exit code 3; its last line: fatal: no DATABASE_URL password=\*\*\* \(CrashLoopBackOff\)$/],
  ['a command that ends', 'command-ends', image('done'), /exit code 0, as a job does/],
  ['a crash whose last words are of a database', 'dependency-tcp', image('nodb'), /ECONNREFUSED/],
  [
    'an app that is sick',
    'app-unhealthy',
    image('sick'),
    /not finished within 2m; Pod \S+: container web: its readiness probe GET :5000\/api\/health gets 503/,
  ],
  [
    'a probe of a port that is closed',
    'probe-misconfigured',
    container({ readinessProbe: { httpGet: { path: '/api/health', port: 9090 } } }),
    /not finished within 2m; Pod \S+: container web: its readiness probe GET :9090\/api\/health asks a port that is closed, the app listens on 5000$/,
  ],
  ['pods that are too big', 'unschedulable-resources', container({ resources: { requests: { cpu: '900' } } }), /no node takes the pod: .*Insufficient cpu/],
];

test.each(cases)('%s: %s', async (_, code, change, says) => {
  await using shepherd = open();
  const patch = (change as { spec: { template: object } }).spec.template;
  const outcome = await shepherd.deploy({ app: 'web', release: { patch }, checks: standard({ quiet: '0s' }), timeout: '2m' }).outcome;
  if (outcome.kind !== 'rolled-back' || !('found' in outcome.cause)) throw new Error(formatOutcome(outcome));
  const { cause } = outcome;
  expect(cause.found?.code).toBe(code);
  expect(formatCause(cause)).toMatch(says);
  expect(JSON.stringify(outcome)).not.toContain('hunter2');

  await someone.send('PATCH', at.deployment('web'), change);
  await sandbox.connection.clock.sleep(90_000);
  const { causes } = await diagnose(shepherd, 'web');
  expect(told(cause.found as FoundCause)).toEqual(told(causes[0]));
});

test('no Secret is read because a release failed', async () => {
  const asked: string[] = [];
  const { transport, ...connection } = sandbox.connection;
  const spying = Object.assign(
    (request: Request) => {
      asked.push(new URL(request.url).pathname);
      return transport(request);
    },
    { plain: transport.plain },
  );
  const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name: 'registry-login' } };
  await someone.send('POST', '/api/v1/namespaces/shop/secrets', { ...secret, data: { '.dockerconfigjson': 'e30=' } });
  const platform = kubernetes({ ...connection, namespace: 'shop', transport: spying });
  await using shepherd = new Shepherd({ platform });
  const patch = (
    container({ image: 'registry/web:closed', envFrom: [{ secretRef: { name: 'shepherd-secret', optional: true } }] }) as { spec: { template: object } }
  ).spec.template;
  const release = { patch: { ...patch, spec: { ...(patch as { spec: object }).spec, imagePullSecrets: [{ name: 'registry-login' }] } } };
  const rollout = shepherd.deploy({ app: 'web', release, checks: standard({ quiet: '0s' }) });
  // Before it begins it is looked at whether the pods will find what they name.
  rollout.on('step-start', () => void asked.splice(0));
  expect(formatOutcome(await rollout.outcome)).toContain('does not let the cluster pull');
  expect(JSON.stringify(await rollout.outcome)).toContain('Secret registry-login is named');
  expect(asked.filter((path) => path.includes('/secrets'))).toEqual([]);
});
