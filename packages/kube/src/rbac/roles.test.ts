// A user with exactly the Role that is printed can run the strategy; without any one verb of it preflight names that verb, and nothing is written.
import { BlueGreen, Canary, formatOutcome, RollingUpdate, Shepherd, type Strategy } from '@shepherd/core';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { rbacResource, rbacVerb } from '../api/kube-path.js';
import { kubernetes } from '../index.js';
import { wishes } from '../preflight/rights.js';
import { type RbacPurpose, rbacPurposes, rolesFor } from './roles.js';

interface Role {
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  sandbox.image('r/web:6.6.6', { crash: { exitCode: 1 } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

async function apply(objects: readonly object[]): Promise<void> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  for (const object of objects) {
    const plural = `${(object as { kind: string }).kind.toLowerCase()}s`;
    const url = `http://sandbox.invalid/apis/rbac.authorization.k8s.io/v1/namespaces/shop/${plural}`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await sandbox.connection.transport(new Request(url, { method: 'POST', body: JSON.stringify(object), headers }));
    if (!response.ok) throw new Error(await response.text());
  }
}

/** A service account with these objects alone, and what it asks of the API: `patch services`. */
async function account(name: string, purposes: readonly RbacPurpose[], change: (role: Role) => Role = (role) => role) {
  const [role, binding] = rolesFor({ purposes, namespace: 'shop', name, subject: { kind: 'ServiceAccount', name } });
  await apply([change(role as Role), binding as object]);
  const used = new Set<string>();
  const { transport, clock, kubeconfig } = sandbox.connection;
  const plain = async (request: Parameters<NonNullable<typeof transport.plain>>[0]) => {
    const { pathname, searchParams } = new URL(request.url);
    used.add(`${rbacVerb(request.method, pathname, Object.fromEntries(searchParams))} ${rbacResource(pathname)}`);
    return (await transport.plain?.(request)) as never;
  };
  const config = parse(kubeconfig) as { users: { user: Record<string, unknown> }[] };
  for (const { user } of config.users) user['as'] = `system:serviceaccount:shop:${name}`;
  const platform = kubernetes({ kubeconfig: stringify(config), clock, transport: Object.assign((request: Request) => transport(request), { plain }) });
  return { used, shepherd: new Shepherd({ platform }), role: role as Role };
}

const verbsOf = ({ rules }: Role): readonly string[] =>
  rules.flatMap(({ apiGroups: [group = ''], resources: [resource = ''], verbs }) => {
    const [base = '', sub] = resource.split('/');
    return verbs.map((verb) => `${verb} ${base}${group === '' ? '' : `.${group}`}${sub === undefined ? '' : `/${sub}`}`);
  });
const without = (role: Role, verb: string): Role => ({
  ...role,
  rules: role.rules
    .map((rule) => ({ ...rule, verbs: rule.verbs.filter((each) => !verbsOf({ rules: [{ ...rule, verbs: [each] }] }).includes(verb)) }))
    .filter(({ verbs }) => verbs.length > 0),
});

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
const explains = new Set(['list nodes', ...verbsOf(rolesFor({ purposes: ['diagnose'], namespace: 'shop' })[0] as Role).filter((each) => !/secrets/.test(each))]);

describe.each(Object.entries(strategies))('%s', (name, strategy) => {
  test('releases, takes a bad release back and rolls back with exactly this Role, and uses every verb of it', async () => {
    const { used, shepherd, role } = await account('deployer', [name as RbacPurpose]);
    const deploy = (version: string) => shepherd.deploy({ app: 'shop/web', release: { image: `r/web:${version}` }, strategy: strategy() }).outcome;
    const outcomes = [await deploy('1.1.0'), await deploy('6.6.6'), await shepherd.rollback({ app: 'shop/web' }).outcome];
    expect(
      outcomes.map(({ kind }) => kind),
      outcomes.map(formatOutcome).join('\n'),
    ).toEqual(['succeeded', 'rolled-back', 'succeeded']);
    await shepherd.close();
    const needed = [...used].filter(
      (each) =>
        !optional.has(each) && !(explains.has(each) && !verbsOf(role).includes(each)) && !each.includes('selfsubjectaccessreviews') && !each.startsWith('get /'),
    );
    expect(needed.toSorted()).toEqual(verbsOf(role).toSorted());
  });

  test('preflight and deploy name each verb that is taken away, before the first write', async () => {
    const whole = rolesFor({ purposes: [name as RbacPurpose], namespace: 'shop' })[0] as Role;
    const missed: string[] = [];
    for (const [index, verb] of verbsOf(whole).entries()) {
      const { shepherd } = await account(`less-${index}`, [name as RbacPurpose], (role) => without(role, verb));
      const before = sandbox.writes;
      const request = { app: 'shop/web', release: { image: 'r/web:1.1.0' }, strategy: strategy() };
      const [what = '', resource = ''] = verb.split(' ');
      const plain = resource.replace(/^([^./]+)((?:\.[^/]+)?)(\/.+)$/, '$1$3$2');
      const found = (await shepherd.preflight(request)).filter(({ id, level }) => id === 'rights' && level === 'error');
      const outcome = await shepherd.deploy(request).outcome;
      const says = outcome.kind === 'failed-untouched' ? outcome.error.message : outcome.kind;
      const named = found.some(({ message }) => message.includes(`${what} ${plain}`)) && says.includes(`${what} ${plain}`);
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
