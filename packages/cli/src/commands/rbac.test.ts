import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

async function run(line: string) {
  const io = new FakeIo();
  const code = await main(line.split(' '), io, fakeCluster().options);
  return { code, out: io.out, err: io.err };
}

test('a Role as YAML that says what it is for, and its binding', async () => {
  const { code, out } = await run('rbac --for canary,reports -n shop --subject ServiceAccount:ci/deployer');
  expect(code).toBe(0);
  expect(out).toMatch(/^# canary: releases by canary\n# reports: logs and events/);
  const [role, binding] = parseAllDocuments(out).map(
    (each) => each.toJS() as { kind: string; metadata: object; rules: readonly { resources: readonly string[]; verbs: readonly string[] }[]; subjects: object },
  );
  expect(role).toMatchObject({ kind: 'Role', metadata: { name: 'shepherd', namespace: 'shop' } });
  expect(role?.rules.find(({ resources }) => resources.includes('deployments'))?.verbs).toEqual(['get', 'list', 'watch', 'create', 'patch', 'delete']);
  expect(role?.rules.some(({ resources }) => resources.includes('pods/log'))).toBe(true);
  expect(binding).toMatchObject({ kind: 'RoleBinding', subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' }] });
});

test('the default is the least: a rolling update, which creates and deletes no Deployment and reads no Secret', async () => {
  const { out } = await run('rbac --json');
  const [role] = JSON.parse(out) as [{ rules: readonly { resources: readonly string[]; verbs: readonly string[] }[] }];
  expect(JSON.stringify(role)).not.toMatch(/"delete"|"secrets"|"\*"/);
  expect((await run('rbac --list')).out).toMatch(/^rolling +releases by rolling update/m);
});

test.each([
  ['rbac --for canry', '--for', 'canary'],
  ['rbac --subject deployer', '--subject', 'ServiceAccount:name'],
  ['rbac --name Not_A_Name', '--name', 'small letters'],
])('%s is refused', async (line, path, expected) => {
  const { code, err } = await run(line);
  expect(code).toBe(2);
  expect(err).toContain(path);
  expect(err).toContain(expected);
});
