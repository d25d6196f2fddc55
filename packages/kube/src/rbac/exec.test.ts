// Commands in pods: their rights are asked for where a check runs one, and nowhere else. The sandbox runs none, and says so: what they do is proved on a real cluster.
import { formatOutcome, Shepherd } from '@shepherd/core';
import { exec, pods } from '@shepherd/core/checks';
import { createSandbox, type Sandbox } from '@shepherd/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { kubernetes } from '../index.js';
import { account, said, verbsOf, without } from './__fixtures__/account.js';
import { type RbacPurpose, rolesFor } from './roles.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox({ time: 'real' });
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 2 });
});
afterEach(() => sandbox[Symbol.asyncDispose]());

const check = exec({ command: ['mongosh', '--quiet'] });
const release = { image: 'r/web:1.1.0' };
const execVerbs = verbsOf(rolesFor({ purposes: ['exec'], namespace: 'shop' })[0] as never);

/** The same user over HTTP, where there are WebSockets. */
async function user(name: string, purposes: readonly RbacPurpose[], less: readonly string[] = []) {
  const { shepherd } = await account(sandbox, name, purposes, (role) => less.reduce(without, role));
  await shepherd.close();
  const config = parse(sandbox.connection.kubeconfig) as { users: { user: Record<string, unknown> }[] };
  for (const each of config.users) each.user['as'] = `system:serviceaccount:shop:${name}`;
  return new Shepherd({ platform: kubernetes({ kubeconfig: stringify(config) }) });
}

test('get and create, which preflight and deploy name before the first write', async () => {
  expect(execVerbs).toEqual(['get pods/exec', 'create pods/exec']);
  for (const [index, verb] of execVerbs.entries()) {
    await using shepherd = await user(`less-${index}`, ['rolling', 'exec'], [verb]);
    const { writes } = sandbox;
    const found = await shepherd.preflight({ app: 'shop/web', release, checks: [check] });
    expect(found.filter(({ id }) => id === 'rights').map(({ message }) => message)).toEqual([`not allowed to ${said(verb)}`]);
    const outcome = await shepherd.deploy({ app: 'shop/web', release, checks: [check] }).outcome;
    expect(outcome.kind === 'failed-untouched' ? outcome.error.message : outcome.kind).toContain(`not allowed to ${said(verb)}`);
    expect(sandbox.writes).toBe(writes);
  }
});

test('a release without such a check does not ask for them; one with it and with its Role is taken back by a sandbox, which runs no commands', async () => {
  {
    await using plain = await user('plain', ['rolling']);
    const outcome = await plain.deploy({ app: 'shop/web', release, checks: [pods({})] }).outcome;
    expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  }
  await using asking = await user('asking', ['rolling', 'exec']);
  const outcome = await asking.deploy({ app: 'shop/web', release: { image: 'r/web:1.0.0' }, checks: [check] }).outcome;
  expect(outcome.kind).toBe('rolled-back');
  expect(formatOutcome(outcome)).toContain('could not find the requested resource');
}, 60_000);
