import { ShepherdError } from '@shepherd/core';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../config/settings.js';
import { makeProgram } from '../program.js';
import { deployInput, planInput } from './deploy-input.js';
import type { DeployFlags, RollbackFlags } from './flags.js';
import { rollbackInput } from './rollback-input.js';

/** A command line as commander reads it. */
function parse(line: string): { readonly app: string | undefined; readonly flags: DeployFlags & RollbackFlags } {
  const program = makeProgram('0', async () => undefined);
  const argv = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
  const command = program.commands.find((each) => each.name() === argv[0]);
  program.parse(argv, { from: 'user' });
  return { app: command?.processedArgs[0], flags: command?.opts() ?? {} };
}

const deploy = (line: string, { settings = {}, tty = false }: { settings?: Settings; tty?: boolean } = {}) => {
  const { app, flags } = parse(`deploy ${line}`);
  return deployInput(app, flags, settings, { attended: tty, canAsk: tty });
};

const issues = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (ShepherdError.is(error, 'ERR_INVALID_OPTIONS')) return error.facts.issues.map(({ path, got, expected }) => `${path}: got ${got}, expected ${expected}`);
    throw error;
  }
  return [];
};

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a deploy from its flags', () => {
  test.each<[string, unknown]>([
    ['web --image r/web:2 --yes', { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'rolling', options: {} } }],
    [
      'web --image r/web:2 --pre-stop-sleep 5 --yes',
      { app: 'web', release: { image: 'r/web:2', preStopSleep: '5s' }, strategy: { kind: 'rolling', options: {} } },
    ],
    ['--app web --image r/web:2 --yes', { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'rolling', options: {} } }],
    ['--release web --image r/web:2 --yes', { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'rolling', options: {} } }],
    [
      'web --env A=1 --env B=x=y --yes --timeout 900 --drain 0 --reason "bad config"',
      { app: 'web', release: { env: { A: '1', B: 'x=y' } }, strategy: { kind: 'rolling', options: {} }, timeout: '900s', drain: '0s', reason: 'bad config' },
    ],
    [
      'web --image r/web:2 --strategy blue-green --grace-period 600 --smoke-timeout 300 --auto',
      { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'blue-green', options: { soak: '600s', smokeTimeout: '300s' } } },
    ],
    [
      'web --image r/web:2 --strategy canary --no-analysis --stages "5,10,25,50,100" --interval 3m --auto',
      { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'canary', options: { stages: [5, 10, 25, 50, 100], interval: '3m', analysis: false } } },
    ],
    [
      'web --image r/web:2 --strategy canary --no-analysis --yes',
      { app: 'web', release: { image: 'r/web:2' }, strategy: { kind: 'canary', options: { stages: [10, 25, 50, 75, 100], analysis: false } } },
    ],
    [
      'web --image r/web:2 --strategy canary --prometheus http://p:9090 --error-threshold 2 --latency-threshold 500 --on-inconclusive rollback --yes',
      {
        app: 'web',
        release: { image: 'r/web:2' },
        strategy: {
          kind: 'canary',
          options: {
            stages: [10, 25, 50, 75, 100],
            analysis: { errorRate: { max: 0.02 }, latency: { quantile: 0.99, max: '500ms' }, onInconclusive: 'rollback' },
          },
        },
      },
    ],
  ])('%s', (line, request) => {
    expect(json(deploy(line).request)).toEqual(request);
  });

  test('checks come on top of the standard ones', () => {
    const { checks } = deploy('web --image r/web:2 --yes --check /api/health').request;
    expect(checks?.map(({ use }) => use)).toEqual([
      'shepherd/pods',
      'shepherd/endpoints',
      'shepherd/health',
      'shepherd/replicas',
      'shepherd/quiet',
      'shepherd/http',
    ]);
    expect(checks?.at(-1)?.input).toEqual({ path: '/api/health' });
  });

  test('a check of the config may be a command', () => {
    const settings: Settings = { checks: [{ exec: ['mongosh', '--quiet'], timeout: 20, expect: 'orders', incident: 'data-corruption' }, '/api/health'] };
    const { checks } = deploy('web --image r/web:2 --yes --check /more', { settings }).request;
    expect(checks?.slice(-3)).toEqual([
      { extension: 'check', use: 'shepherd/exec', input: { command: ['mongosh', '--quiet'], timeout: '20s', expect: 'orders' }, incident: 'data-corruption' },
      { extension: 'check', use: 'shepherd/http', input: { path: '/api/health' } },
      { extension: 'check', use: 'shepherd/http', input: { path: '/more' } },
    ]);
  });

  test('flags win over the config', () => {
    const settings: Settings = {
      app: 'web',
      namespace: 'shop',
      context: 'eu',
      strategy: 'canary',
      stages: [50, 100],
      interval: 60,
      analysis: false,
      timeout: '10m',
    };
    const { request, connection } = deploy('--image r/web:2 --yes -n staging --interval 180', { settings });
    expect(json(request)).toEqual({
      app: 'staging/web',
      release: { image: 'r/web:2' },
      strategy: { kind: 'canary', options: { stages: [50, 100], interval: '180s', analysis: false } },
      timeout: '10m',
    });
    expect(json(connection)).toEqual({ namespace: 'staging', context: 'eu', explicitContext: true });
  });

  test('a person at a terminal is asked, between stages too; --yes, --auto, --expect and --dry-run ask nobody', () => {
    const line = 'web --image r/web:2 --strategy canary --no-analysis';
    const asked = deploy(line, { tty: true });
    expect([asked.ask, json(asked.request.strategy)]).toEqual([
      true,
      { kind: 'canary', options: { stages: [10, 25, 50, 75, 100], analysis: false, approval: { timeout: '10m', onTimeout: 'reject' } } },
    ]);
    for (const flag of ['--yes', '--auto', '--expect abc', '--dry-run'])
      expect([deploy(`${line} ${flag}`, { tty: true }).ask, json(deploy(`${line} ${flag}`, { tty: true }).request.strategy)]).toEqual([
        false,
        json(planInput('web', parse(`plan ${line}`).flags, {}).request.strategy),
      ]);
  });
});

test.each<[string, readonly string[]]>([
  ['web --image r/web:2 --yes --strategy bluegreen', ['--strategy: got "bluegreen", expected rolling, blue-green or canary (nearest: blue-green)']],
  ['web --image r/web:2 --yes --strategy x', ['--strategy: got "x", expected rolling, blue-green or canary']],
  ['web --image r/web:2', ['--yes: got no terminal to ask at, expected --yes (or --auto), which says that nobody needs to be asked']],
  ['--image r/web:2 --yes', ['app: got nothing, expected the name of a Deployment: as first argument, with --app, or app in shepherd.config']],
  ['web --release shop --image r/web:2 --yes', ['app: got web and shop, expected one name: as first argument, with --app or with --release']],
  ['shop/web -n staging --image r/web:2 --yes', ['--namespace: got staging, expected shop, as in shop/web']],
  ['web --yes', ['--image: got nothing, expected what to release: --image registry/web:1.3.0, or --env KEY=VALUE']],
  ['web --yes --env NOVALUE', ['--env: got "NOVALUE", expected KEY=VALUE']],
  ['web --yes --image r/web:2 --timeout soon', ['--timeout: got "soon", expected seconds, or a number with a unit: 180 or 3m']],
  ['web --yes --image r/web:2 --on-interrupt stop', ['--on-interrupt: got "stop", expected pause or rollback']],
  ['web --yes --image r/web:2 --check api', ['--check: got "api", expected a path such as /api/health']],
  ['web --yes --image r/web:2 --no-analysis --error-threshold 2', ['--error-threshold: got "2", expected nothing beside --no-analysis']],
  [
    'web --yes --image r/web:2 --error-threshold 2',
    [
      '--prometheus: got limits, and nothing that counts requests, expected --prometheus URL, or --no-analysis (analysis: false), which says that health checks and pods are all it is judged by',
    ],
  ],
  [
    'web --yes --image r/web:2 --prometheus http://p --error-threshold 120 --latency-threshold x --sensitivity big --on-inconclusive wait',
    [
      '--error-threshold: got "120", expected a percent above 0 and below 100, such as 2',
      '--latency-threshold: got "x", expected milliseconds, such as 500',
      '--sensitivity: got "big", expected low, medium or high',
      '--on-inconclusive: got "wait", expected pause, rollback or promote',
    ],
  ],
  ['web --yes --image r/web:2 --stages 50,100', ['--stages: got it with --strategy rolling, expected --strategy canary, the only one that has it']],
  ['web --yes --image r/web:2 --strategy canary --no-analysis --interval 0', ['--interval: got "0", expected at least 1 s']],
  [
    'web --yes --image r/web:2 --strategy canary --no-analysis --stages 50,25,90',
    ['--stages[1]: got 25, expected more than the stage before (50)', '--stages[2]: got 90, expected 100 as the last stage'],
  ],
  ['web --yes --image r/web:2 --strategy canary --no-analysis --stages 50,x,100', ['--stages[1]: got NaN, expected a whole percent from 1 to 100']],
  [
    'web --yes --image r/web:2 --strategy canary',
    [
      '--prometheus: got a canary that nothing judges, expected --prometheus URL, or --no-analysis (analysis: false), which says that health checks and pods are all it is judged by',
    ],
  ],
])('refused: deploy %s', (line, expected) => {
  expect(issues(() => deploy(line))).toEqual(expected);
});

test('all that is wrong is said at once', () => {
  expect(issues(() => deploy('--strategy x --timeout y')).map((issue) => issue.split(':')[0])).toEqual(['--yes', 'app', '--image', '--strategy', '--timeout']);
});

/** The lines of the deployment guide, as its scripts hand them on. `undefined`: accepted. */
describe("the guide's lines", () => {
  const blueGreen = 'deploy --strategy blue-green --namespace production --image shepherd:v2.0.0';
  const canary = 'deploy --strategy canary --namespace production --image shepherd:v2.1.0';
  test.each<[string, string | undefined]>([
    ['deploy --namespace staging --release shepherd --values helm/shepherd/values-staging.yaml', undefined],
    ['deploy --namespace production --release shepherd --values helm/shepherd/values-prod.yaml', undefined],
    ['deploy --namespace production --image shepherd:v1.2.1 --dry-run', undefined],
    ['deploy --namespace production --image shepherd:v1.2.1 --timeout 900 --yes', undefined],
    [blueGreen, undefined],
    [`${blueGreen} --auto`, undefined],
    [`${blueGreen} --grace-period 600`, undefined],
    [`${blueGreen} --smoke-timeout 300`, undefined],
    ['deploy --strategy blue-green --rollback', '--rollback'],
    [canary, undefined],
    [`${canary} --stages "5,10,25,50,100"`, undefined],
    [`${canary} --auto --interval 180`, undefined],
    [`${canary} --error-threshold 2`, undefined],
    ['rollback --namespace production --reason "Performance degradation detected"', undefined],
    ['rollback --namespace production', undefined],
    ['rollback --namespace production --list', undefined],
    ['rollback --namespace production --revision 5 --reason "Database migration failed"', undefined],
    ['rollback --namespace production --force --reason "Critical security issue"', undefined],
  ])('%s', (line, refused) => {
    const { app, flags } = parse(line);
    const settings: Settings = { app: 'shepherd', chart: './helm/shepherd', prometheus: 'http://prometheus:9090' };
    const there = { attended: true, canAsk: true };
    const read = (): unknown => (line.startsWith('rollback') ? rollbackInput(app, flags, settings, there) : deployInput(app, flags, settings, there));
    const found = issues(read);
    if (refused === undefined) expect(found).toEqual([]);
    else
      expect(found.filter((issue) => issue.includes('not built yet') || issue.includes('shepherd rollback'))).toEqual([
        expect.stringContaining(`${refused}: `),
      ]);
  });
});
