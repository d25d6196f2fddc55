// Commands beside a release, each with exactly the Role that is printed for it; without any one verb the verb is named, and nothing is written.
import { formatOutcome, type Outcome } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { diagnose } from '@shepherd/core/diagnosis';
import { remedy } from '@shepherd/core/remedies';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, type Person, person } from '../__fixtures__/person.js';
import { account, roleFor, said, verbsOf, without } from './__fixtures__/account.js';
import type { RbacPurpose } from './roles.js';

let sandbox: Sandbox;
let someone: Person;
const checks = standard({ quiet: '0s' });
const core = '/api/v1/namespaces/shop';
const words = { old: 'b2xk', new: 'bmV3' };

beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) sandbox.image(`r/web:${version}`);
  sandbox.image('r/web:6.6.6', { health: 503 });
  sandbox.image('r/migrate:1', { crash: { exitCode: 0, log: 'migrated' } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
  someone = person(sandbox);
});
afterEach(() => sandbox[Symbol.asyncDispose]());

/** What a Role of these purposes has beside what the release itself takes. */
const own = (purposes: readonly RbacPurpose[], base: RbacPurpose): readonly string[] => {
  const known = new Set(verbsOf(roleFor([base])));
  return verbsOf(roleFor(purposes)).filter((verb) => !known.has(verb));
};
const why = (outcome: Outcome): string => (outcome.kind === 'failed-untouched' ? outcome.error.message : formatOutcome(outcome));

describe('a migration', () => {
  const purposes = ['rolling', 'job'] as const;
  const request = ({ platform }: Awaited<ReturnType<typeof account>>) => ({
    app: 'shop/web',
    release: { image: 'r/web:1.1.0' },
    checks,
    hooks: {
      beforeApply: [
        platform.job({
          manifest: {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: { name: 'migrate' },
            spec: { template: { spec: { containers: [{ name: 'migrate', image: 'r/migrate:1' }] } } },
          },
        }),
      ],
    },
  });

  test('runs before the release with exactly this Role, which a release without one does not ask for', async () => {
    const migrator = await account(sandbox, 'migrator', purposes);
    const outcome = await migrator.shepherd.deploy(request(migrator)).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(own(purposes, 'rolling').filter((verb) => !migrator.used.has(verb))).toEqual([]);
    await migrator.shepherd.close();
    const plain = await account(sandbox, 'plain', ['rolling']);
    expect((await plain.shepherd.deploy({ app: 'shop/web', release: { image: 'r/web:1.2.0' }, checks }).outcome).kind).toBe('succeeded');
    await plain.shepherd.close();
  });

  test.each(own(purposes, 'rolling'))('without %s', async (verb) => {
    const less = await account(sandbox, 'less', purposes, (role) => without(role, verb));
    const writes = sandbox.writes;
    const found = await less.shepherd.preflight(request(less));
    expect(found.filter(({ id }) => id === 'rights').map(({ message }) => message)).toEqual([`not allowed to ${said(verb)}`]);
    expect(why(await less.shepherd.deploy(request(less)).outcome)).toContain(`not allowed to ${said(verb)}`);
    expect(sandbox.writes).toBe(writes);
    await less.shepherd.close();
  });
});

describe('restart of one pod', () => {
  const purposes = ['restart', 'evict'] as const;
  const staying = (): readonly string[] =>
    sandbox.objects.list('pods', 'shop').flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [metadata.name] : []));
  const firstPod = (): string => staying()[0] ?? '';

  test('evicts it with exactly this Role', async () => {
    const { shepherd, used } = await account(sandbox, 'medic', purposes);
    const pod = firstPod();
    const outcome = await remedy(shepherd, { kind: 'restart', app: 'shop/web', pod, checks }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(own(purposes, 'restart').filter((verb) => !used.has(verb))).toEqual([]);
    expect(staying()).not.toContain(pod);
    await shepherd.close();
  });

  test.each(own(purposes, 'restart'))('without %s', async (verb) => {
    const { shepherd } = await account(sandbox, 'less', purposes, (role) => without(role, verb));
    const writes = sandbox.writes;
    expect(why(await remedy(shepherd, { kind: 'restart', app: 'shop/web', pod: firstPod(), checks }).outcome)).toContain(said(verb));
    expect(sandbox.writes).toBe(writes);
    await shepherd.close();
  });
});

describe('Secrets that go back with a revision', () => {
  const purposes = ['rolling', 'config'] as const;
  const value = async (): Promise<string | undefined> => (await someone.send<{ data: { key: string } }>('GET', `${core}/secrets/keys`)).data.key;

  beforeEach(async () => {
    await someone.send('POST', `${core}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, data: { key: words.old } });
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } }];
    await someone.send('PATCH', at.deployment('web'), { spec: { template: { spec: { containers: [{ name: 'web', env }] } } } });
    await sandbox.connection.clock.sleep(60_000);
  });

  /** 1.1.0 with the old value, 1.2.0 with the new one, and back. */
  async function thereAndBack({ shepherd }: Awaited<ReturnType<typeof account>>): Promise<{ readonly plan: string; readonly outcome: Outcome }> {
    const deploy = (version: string) => shepherd.deploy({ app: 'shop/web', release: { image: `r/web:${version}` }, checks }).outcome;
    expect((await deploy('1.1.0')).kind).toBe('succeeded');
    // Not in the second in which the pods were made: then nobody knows which came first.
    await sandbox.connection.clock.sleep(5_000);
    await someone.send('PATCH', `${core}/secrets/keys`, { data: { key: words.new } });
    await sandbox.connection.clock.sleep(5_000);
    expect((await deploy('1.2.0')).kind).toBe('succeeded');
    const plan = JSON.stringify(await shepherd.plan({ app: 'shop/web' }));
    const outcome = await shepherd.rollback({ app: 'shop/web', checks }).outcome;
    return { plan, outcome };
  }

  test('go back with exactly this Role', async () => {
    const keeper = await account(sandbox, 'keeper', purposes);
    const { outcome } = await thereAndBack(keeper);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect(await value()).toBe(words.old);
    expect(own(purposes, 'rolling').filter((verb) => !keeper.used.has(verb))).toEqual([]);
    await keeper.shepherd.close();
  });

  test.each(own(purposes, 'rolling'))('without %s preflight says what that means, and a rollback goes back without them and says so', async (verb) => {
    const less = await account(sandbox, 'less', purposes, (role) => without(role, verb));
    const found = await less.shepherd.preflight({ app: 'shop/web', release: { image: 'r/web:1.1.0' }, checks });
    const warned = found.filter(({ id, message }) => id === 'rights-optional' && message.includes('Secrets')).map(({ message }) => message);
    expect(warned).toEqual([`not allowed to ${said(verb)}: a rollback brings the template back and not the Secrets that it names, as they were`]);
    const { plan, outcome } = await thereAndBack(less);
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
    expect([await value(), plan.includes('config-not-kept')]).toEqual([words.new, true]);
    await less.shepherd.close();
  });
});

describe('diagnose', () => {
  const secretRef = { secretRef: { name: 'keys', optional: true } };
  const configMapRef = { configMapRef: { name: 'settings', optional: true } };
  beforeEach(async () => {
    const containers = [{ name: 'web', image: 'r/web:6.6.6', envFrom: [secretRef, configMapRef] }];
    await someone.send('PATCH', at.deployment('web'), { spec: { template: { spec: { containers } } } });
    await sandbox.connection.clock.sleep(90_000);
  });
  /** What only an app needs that is not there, or that is a pair of colours. */
  const pairsOnly = 'list deployments.apps';
  /** The sandbox serves no metrics, and says so before it asks who may see them. */
  const unserved = 'list pods.metrics.k8s.io';
  const rights = verbsOf(roleFor(['diagnose'])).filter((verb) => verb !== pairsOnly);
  /** As it is named: without the group, where the name is one all the same. */
  const named = (verb: string): string => said(verb).replace(/\.(?:apps|discovery\.k8s\.io|autoscaling|policy)$/, '');
  /** What no Role of a namespace gives. */
  const clusterWide = ['list nodes'];
  const unreadBy = async (shepherd: Awaited<ReturnType<typeof account>>['shepherd']): Promise<readonly string[]> =>
    (await diagnose(shepherd, 'shop/web')).unread.map(({ right = '', what, message = '' }) => right || `${what}: ${message}`);

  test('reads all but the nodes with exactly this Role', async () => {
    const { shepherd, used } = await account(sandbox, 'looker', ['diagnose']);
    const { causes } = await diagnose(shepherd, 'shop/web');
    expect(causes[0].code).toBe('app-unhealthy');
    expect(await unreadBy(shepherd)).toEqual(clusterWide);
    expect(rights.filter((verb) => !used.has(verb))).toEqual([]);
    await shepherd.close();
  });

  test('each verb that is taken away is named', async () => {
    const missed: string[] = [];
    for (const [index, verb] of rights.filter((each) => each !== unserved).entries()) {
      const { shepherd } = await account(sandbox, `less-${index}`, ['diagnose'], (role) => without(role, verb));
      const told = await unreadBy(shepherd).catch((error: Error) => [error.message]);
      if (!told.some((each) => each.includes(named(verb)))) missed.push(`${verb}: ${told.join(', ')}`);
      await shepherd.close();
    }
    expect(missed).toEqual([]);
  });
});
