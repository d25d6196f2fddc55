// A user with exactly the Role that is printed can run the strategy; without any one verb of it preflight names that verb, and nothing is written.
import { BlueGreen, Canary, formatOutcome, RollingUpdate, type Strategy } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wishes } from '../preflight/rights.js';
import { account, type Role, roleFor, said, verbsOf, without } from './__fixtures__/account.js';
import { type RbacPurpose, rbacPurposes, rolesFor } from './roles.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  sandbox.image('r/web:6.6.6', { crash: { exitCode: 1 } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const strategies: Readonly<Record<string, () => Strategy>> = {
  rolling: () => new RollingUpdate(),
  canary: () => new Canary({ stages: [50, 100], interval: '10s', analysis: false }),
  'blue-green': () => new BlueGreen({ soak: '5s' }),
};
const optional = new Set([
  ...wishes.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`)),
  'list scaledobjects.keda.sh',
]);
/** Why a release failed is read with what may be read, and no more is asked for. */
const explains = new Set(['list nodes', ...verbsOf(roleFor(['diagnose'])).filter((each) => !/secrets/.test(each))]);

describe.each(Object.entries(strategies))('%s', (name, strategy) => {
  test('releases, takes a bad release back and rolls back with exactly this Role, and uses every verb of it', async () => {
    const { used, shepherd, role } = await account(sandbox, 'deployer', [name as RbacPurpose]);
    const deploy = (version: string) => shepherd.deploy({ app: 'shop/web', release: { image: `r/web:${version}` }, strategy: strategy() }).outcome;
    const outcomes = [await deploy('1.1.0'), await deploy('6.6.6'), await shepherd.rollback({ app: 'shop/web' }).outcome];
    expect(
      outcomes.map(({ kind }) => kind),
      outcomes.map(formatOutcome).join('\n'),
    ).toEqual(['succeeded', 'rolled-back', 'succeeded']);
    await shepherd.close();
    const needed = [...used].filter(
      (each) =>
        !optional.has(each) &&
        !(explains.has(each) && !verbsOf(role).includes(each)) &&
        !each.includes('selfsubjectaccessreviews') &&
        !each.startsWith('get /'),
    );
    // Events are best effort, and a purpose of their own.
    expect(needed.filter((each) => each !== 'create events.events.k8s.io').toSorted()).toEqual(verbsOf(role).toSorted());
  });

  test('preflight and deploy name each verb that is taken away, before the first write', async () => {
    const whole = roleFor([name as RbacPurpose]);
    const missed: string[] = [];
    for (const [index, verb] of verbsOf(whole).entries()) {
      const { shepherd } = await account(sandbox, `less-${index}`, [name as RbacPurpose], (role) => without(role, verb));
      const before = sandbox.writes;
      const request = { app: 'shop/web', release: { image: 'r/web:1.1.0' }, strategy: strategy() };
      const found = (await shepherd.preflight(request)).filter(({ id, level }) => id === 'rights' && level === 'error');
      const outcome = await shepherd.deploy(request).outcome;
      const says = outcome.kind === 'failed-untouched' ? outcome.error.message : outcome.kind;
      const named = found.some(({ message }) => message.includes(said(verb))) && says.includes(said(verb));
      if (!named || sandbox.writes !== before) missed.push(`${verb}: ${found.map(({ message }) => message).join(', ')} | ${says}`);
      await shepherd.close();
    }
    expect(missed).toEqual([]);
  });
});

test('several purposes are one Role, with each resource once; a subject gets a binding', () => {
  const [role, binding] = rolesFor({ purposes: [...rbacPurposes], namespace: 'shop', name: 'all', subject: { kind: 'User', name: 'ann' } }) as [Role, object];
  const resources = role.rules.map(({ apiGroups, resources: [resource] }) => `${apiGroups[0]}/${resource}`);
  expect(new Set(resources).size).toBe(resources.length);
  expect(binding).toMatchObject({
    kind: 'RoleBinding',
    subjects: [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { name: 'all' },
  });
  expect(rolesFor({ purposes: ['rolling'], namespace: 'shop' })).toHaveLength(1);
});
