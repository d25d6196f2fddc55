// Commands in real pods: what a check by command sees of each end, and who may run one.
import { type ExecReply, formatOutcome, Shepherd, systemClock } from '@shepherd/core';
import { exec, pods } from '@shepherd/core/checks';
import { assertOutcome } from '@shepherd/core/testing';
import { verify } from '@shepherd/core/verification';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { image, kubectl, type Lab, openLab, webManifest } from '../../bench/src/lab/index.js';
import { readApp } from './app-state.js';
import { makeAccount, roleOf, textOf, verbsOf, without } from './rbac-account.js';

let lab: Lab;
let namespace: string;
beforeAll(async () => {
  lab = await openLab();
  namespace = await lab.namespace('exec');
  const { items, ...list } = JSON.parse(webManifest({ replicas: 2 })) as { readonly items: readonly Record<string, never>[] };
  const tools = {
    name: 'tools',
    image: 'shepherd.test/node:20',
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', 'process.on("SIGTERM", () => process.exit()); setInterval(() => 0, 1e6)'],
    env: [
      { name: 'DATABASE_NAME', value: 'orders' },
      { name: 'MONGODB_URI', valueFrom: { secretKeyRef: { name: 'db', key: 'uri' } } },
    ],
  };
  for (const item of items as unknown as { kind: string; spec: { template: { spec: { containers: object[] } } } }[])
    if (item.kind === 'Deployment') item.spec.template.spec.containers.push(tools);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { uri: 'mongodb://app:hunter2@db:27017/orders' } };
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ ...list, items: [...items, secret] }) });
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
});
afterAll(async () => {
  await lab.drop(namespace);
  await lab[Symbol.asyncDispose]();
});

const node = (script: string, more: object = {}) => ({ command: ['node', '-e', script], container: 'tools', ...more });
const asked = async (check: Parameters<typeof exec>[0], by?: Shepherd<never>) => {
  await using own = new Shepherd({ platform: kubernetes({ namespace }) });
  const { checks } = await verify(by ?? own, 'web', { checks: [exec(check)] });
  return { verdict: checks[0]?.verdict, says: checks[0]?.says };
};

describe('what is said of each end', () => {
  test('code 0, with what it printed, without the password that was in it', async () => {
    const script =
      'console.log("database", process.env.DATABASE_NAME, "at", process.env.MONGODB_URI); console.log("\\u001b[32mcollections\\u001b[0m [ orders ]")';
    expect(await asked(node(script, { expect: 'collections' }))).toEqual({
      verdict: 'pass',
      says: expect.stringMatching(/^web-\S+: node ended with code 0: database orders at mongodb:\/\/app:\*\*\*@db:27017\/orders \/ collections \[ orders \]$/),
    });
  });

  test('another code', async () => {
    expect(await asked(node('console.error("no route to db"); process.exitCode = 3'))).toEqual({
      verdict: 'fail',
      says: expect.stringMatching(/^web-\S+: node ended with code 3: no route to db$/),
    });
  });

  test('arguments as they are, with no shell between', async () => {
    const command = ['node', '-p', 'JSON.stringify(process.argv.slice(1))', '$HOME', 'a b', '; exit 9', '"', ''];
    expect(await asked({ command, container: 'tools', expect: '["$HOME","a b","; exit 9","\\"",""]' })).toMatchObject({ verdict: 'pass' });
  });

  test('no such program in the container that serves', async () => {
    expect(await asked({ command: ['mongosh', '--quiet'] })).toEqual({
      verdict: 'error',
      says: expect.stringMatching(/^web-\S+: mongosh could not be started in container web: "mongosh": executable file not found/),
    });
  });

  test('no such container', async () => {
    expect(await asked({ command: ['node'], container: 'db' })).toMatchObject({ verdict: 'error', says: expect.stringContaining('it has web, tools') });
  });

  test('no end within its time', async () => {
    const before = performance.now();
    expect(await asked({ command: ['/bin/app', 'pause'], timeout: '2s' })).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('did not end within 2 s'),
    });
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  test('a signal of its own, while its pod stays', async () => {
    expect(await asked(node('process.kill(process.pid, "SIGKILL")'))).toMatchObject({ verdict: 'fail', says: expect.stringContaining('ended with code 137') });
  });

  test('a flood', async () => {
    const script = 'let left = 1024; const more = () => { if (left-- > 0) process.stdout.write("x".repeat(63).concat("\\n").repeat(1024), more) }; more()';
    const { verdict, says = '' } = await asked(node(script, { timeout: '60s' }));
    expect({ verdict, is: says.length < 400 }).toEqual({ verdict: 'pass', is: true });
  });

  test('a pod that is taken away in the middle', async () => {
    const platform = kubernetes({ namespace });
    await using _ = { [Symbol.asyncDispose]: async () => platform[Symbol.asyncDispose]?.() };
    const app = { cluster: 'default', namespace, name: 'web' };
    const context = { app, rolloutId: undefined, signal: new AbortController().signal, clock: systemClock };
    const running = platform.exec?.(context)('stable', node('setInterval(() => 0, 1000)', { timeout: '60s' })) as Promise<ExecReply>;
    const busy = async (): Promise<string | undefined> => {
      for (const { metadata } of (await readApp(lab, namespace)).pods) {
        const seen = await kubectl([
          '-n',
          namespace,
          'exec',
          metadata.name,
          '-c',
          'tools',
          '--',
          'node',
          '-p',
          'fs.readdirSync("/proc").filter((id) => /^\\d+$/.test(id)).map((id) => { try { return fs.readFileSync(`/proc/${id}/cmdline`, "utf8") } catch { return "" } }).join("\\n")',
        ]);
        if (seen.includes('=> 0, 1000)')) return metadata.name;
      }
      return undefined;
    };
    let name = await busy();
    while (name === undefined) name = await busy();
    await kubectl(['-n', namespace, 'delete', 'pod', name, '--grace-period=1']);
    const reply = await running;
    expect(reply).toMatchObject({ kind: 'pod-gone', pod: name, reason: 'it was taken away, and what ran in it killed' });
    await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
  });
});

describe('who may', () => {
  const check = node('process.exit(0)');

  test('verify by one who may not names the right, by one who may passes', async () => {
    await using no = await makeAccount(namespace, 'no', ['verify']);
    expect(await asked(check, no.shepherd as Shepherd<never>)).toMatchObject({
      verdict: 'error',
      says: expect.stringContaining('cannot get resource "pods/exec"'),
    });
    await using yes = await makeAccount(namespace, 'yes', ['verify', 'exec']);
    expect(await asked(check, yes.shepherd as Shepherd<never>)).toMatchObject({ verdict: 'pass' });
  });

  test('a release is refused for each verb that is missing, and goes out with exactly the Role that is printed', async () => {
    const request = { app: 'web', release: { images: { web: image('1.1.0') } }, checks: [pods({}), exec(check)] };
    const before = JSON.stringify((await readApp(lab, namespace)).deployments.map(({ metadata }) => metadata['generation']));
    for (const [index, verb] of verbsOf(roleOf(['exec'], namespace)).entries()) {
      await using less = await makeAccount(namespace, `less-${index}`, ['rolling', 'exec'], without(verb));
      const outcome = await less.shepherd.deploy(request).outcome;
      expect(outcome.kind === 'failed-untouched' ? outcome.error.message : formatOutcome(outcome)).toContain(`not allowed to ${textOf(verb)}`);
    }
    expect(JSON.stringify((await readApp(lab, namespace)).deployments.map(({ metadata }) => metadata['generation']))).toBe(before);
    await using whole = await makeAccount(namespace, 'whole', ['rolling', 'exec']);
    assertOutcome(await whole.shepherd.deploy(request).outcome, 'succeeded');
    const bad = { ...request, release: { images: { web: image('1.2.0') } }, checks: [exec(node('console.error("no orders"); process.exit(4)'))] };
    const outcome = await whole.shepherd.deploy(bad).outcome;
    assertOutcome(outcome, 'rolled-back');
    expect(formatOutcome(outcome)).toContain('node ended with code 4: no orders');
  }, 240_000);
});
