import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';

let lab: ClientLab;
const kubectl = (...args: string[]): Promise<string> => lab.run('kubectl', args);
const may = async (...args: string[]): Promise<string> => (await lab.attempt('kubectl', ['auth', 'can-i', ...args])).stdout.trim();

describe.skipIf(whyWithout('kubectl'))('kubectl and rights', () => {
  beforeAll(async () => {
    lab = await openClientLab();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('who am I, and what may I', async () => {
    expect(await kubectl('auth', 'whoami')).toMatch(/Username +admin\nGroups +\[system:masters system:authenticated\]/);
    expect(await may('*', '*')).toBe('yes');
    expect(await may('get', '/metrics')).toBe('yes');
    expect(await kubectl('auth', 'can-i', '--list')).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/);
  });

  test('a role binds a user to its namespace, its resources and its verbs', async () => {
    expect(await may('list', 'pods', '--as=jane')).toBe('no');
    await kubectl('create', 'role', 'reader', '--verb=get,list,watch', '--resource=pods,deployments.apps');
    await kubectl('create', 'rolebinding', 'jane-reads', '--role=reader', '--user=jane');
    expect(await may('list', 'pods', '--as=jane')).toBe('yes');
    expect(await may('list', 'deployments', '--as=jane')).toBe('yes');
    expect(await may('delete', 'pods', '--as=jane')).toBe('no');
    expect(await may('list', 'pods', '-n', 'kube-system', '--as=jane')).toBe('no');
    expect(await may('get', 'pods', '--subresource=log', '--as=jane')).toBe('no');
    expect(await kubectl('auth', 'can-i', '--list', '--as=jane')).toMatch(/deployments\.apps +\[\] +\[\] +\[get list watch\]/);
    expect(await kubectl('get', 'pods', '--as=jane')).toBe('');
    const { code, stderr } = await lab.attempt('kubectl', ['get', 'secrets', '--as=jane']);
    expect([code, stderr]).toEqual([
      1,
      'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    ]);
    expect(await kubectl('get', 'rolebindings', '-o', 'wide')).toMatch(/jane-reads +Role\/reader +\S+ +jane/);
  });

  test('cluster roles, groups and service accounts', async () => {
    await kubectl('create', 'clusterrolebinding', 'team-edits', '--clusterrole=edit', '--group=team');
    expect(await may('create', 'deployments', '-n', 'kube-system', '--as=joe', '--as-group=team')).toBe('yes');
    expect(await may('create', 'rolebindings', '--as=joe', '--as-group=team')).toBe('no');
    await kubectl('create', 'serviceaccount', 'robot');
    await kubectl('create', 'rolebinding', 'robot-views', '--clusterrole=view', '--serviceaccount=default:robot');
    expect(await may('list', 'services', '--as=system:serviceaccount:default:robot')).toBe('yes');
    expect(await may('list', 'secrets', '--as=system:serviceaccount:default:robot')).toBe('no');
    const changed = await lab.attempt('kubectl', ['patch', 'rolebinding', 'robot-views', '--type=merge', '-p', '{"roleRef":{"name":"edit"}}']);
    expect(changed.stderr).toContain('cannot change roleRef');
  });

  test('auth reconcile', async () => {
    const role =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: more, namespace: default }\nrules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]\n';
    expect(await lab.run('kubectl', ['auth', 'reconcile', '-f', '-'], role)).toContain('more reconciled');
  });
});
