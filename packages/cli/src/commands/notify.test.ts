import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReceivedWebhook, type Service, slackHookPath, startPagerDuty, startReceiver, startSlack } from '@shepherd/notifier/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLog } from '../__fixtures__/actions-runner.js';
import { type FakeCluster, fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const key = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
let folder = '';
let cluster: FakeCluster;
let receiver: Service<ReceivedWebhook>;
const open: AsyncDisposable[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-notify-'));
  cluster = fakeCluster();
  receiver = await startReceiver([key], () => cluster.memory.clock.now());
  open.push(receiver);
  await file('key', `${key}\n`);
  await file('url', `${receiver.url}/hook-secret-part\n`);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
const file = (name: string, text: string): Promise<void> => writeFile(path(name), text);
const hook = () => ({ kind: 'webhook', url: { file: path('url') }, secrets: { file: path('key') }, allowPrivate: true });
const config = (notify: unknown, more: object = {}): Promise<void> =>
  file('shepherd.config.json', JSON.stringify({ app: 'web', namespace: 'default', notify, ...more }));

async function run(line: string, env: Record<string, string> = {}) {
  const io = new FakeIo({ cwd: folder, env });
  const code = await main(line.split(' '), io, cluster.options);
  return { code, out: io.out, err: io.err };
}
const deploy = 'deploy --image r/web:1.1.0 --yes';
const resultOf = (out: string) =>
  JSON.parse(out.trim().split('\n').at(-1) ?? '') as { type: string; undelivered?: readonly { id: string; notifier: string }[] };

describe('a release tells the channels of the config', () => {
  test('and its result says that nothing is left', async () => {
    await config({ channels: { ops: hook() } }, { environments: { staging: {} } });
    const { code, out, err } = await run(`${deploy} --environment staging --json`);
    expect([code, err]).toEqual([0, '']);
    expect(resultOf(out)).toMatchObject({ type: 'result', kind: 'succeeded', exitCode: 0, undelivered: [] });
    expect(receiver.messages.map(({ type }) => type)).toEqual(expect.arrayContaining(['deploy.started', 'deploy.succeeded']));
    expect(receiver.messages[0]?.data.metadata).toEqual({ environment: 'staging' });
  });

  test('what is down is listed once as a warning and in the result, changes no exit code, and goes out by one flush under the same ids', async () => {
    await config({ channels: { ops: hook() } });
    receiver.trouble = 'down';
    const { code, out, err } = await run(`${deploy} --json --notify-flush-timeout 60`);
    const { undelivered = [] } = resultOf(out);
    expect(code).toBe(0);
    expect(undelivered.length).toBeGreaterThan(2);
    expect(err.match(/reached nobody yet/g)).toHaveLength(1);
    expect(err).toContain('shepherd notify flush');
    const tried = new Set(receiver.asked.map(({ headers }) => headers['webhook-id']));

    const still = await run('notify flush --timeout 60');
    expect(still.code).toBe(1);
    expect(still.out).toBe('0 notices delivered\n');
    expect(still.err).toMatch(/reached nobody yet[\s\S]*ops: deploy\.started .*answered 503/);

    receiver.trouble = undefined;
    const flushed = await run('notify flush --json');
    expect([flushed.code, JSON.parse(flushed.out)]).toEqual([
      0,
      { schemaVersion: 1, type: 'result', delivered: undelivered.length, undelivered: [], failed: [], exitCode: 0 },
    ]);
    expect(receiver.messages.map(({ id }) => id)).toEqual(undelivered.map(({ id }) => id));
    for (const id of tried) expect(undelivered.map((each) => each.id)).toContain(id);
    expect((await run('notify flush -n default')).out).toBe('0 notices delivered\n');
    expect(out + err + still.err + flushed.out).not.toContain('secret-part');
  });

  test('by routes: severity, types, environments; who is on call gets what calls people, and a channel that no route names gets all', async () => {
    const [all, bad, staging] = await Promise.all([0, 1, 2].map(() => startReceiver([key], () => cluster.memory.clock.now())));
    open.push(all as never, bad as never, staging as never);
    await Promise.all([all, bad, staging].map((each, i) => file(`url${i}`, `${each?.url}/x`)));
    const channel = (i: number) => ({ ...hook(), url: { file: path(`url${i}`) } });
    const routes = [
      { channels: ['bad'], minSeverity: 'error' },
      { channels: ['bad'], types: ['deploy.started'] },
      { channels: ['staging'], environments: ['staging'] },
    ];
    await config(
      { channels: { all: channel(0), bad: channel(1), staging: channel(2), pager: hook() }, routes, escalation: ['pager'] },
      { environments: { staging: { namespace: 'staging' }, production: {} } },
    );
    expect((await run(`${deploy} --environment production`)).code).toBe(0);
    expect(all?.messages.length).toBeGreaterThan(2);
    expect(bad?.messages.map(({ type }) => type)).toEqual(['deploy.started']);
    expect(staging?.messages).toEqual([]);
    expect(receiver.messages.map(({ type }) => type)).toEqual(['deploy.succeeded']);
  });

  test('secrets are masked in the log of a GitHub run before they are used', async () => {
    await config({ channels: { ops: hook() } });
    const { out, err } = await run(deploy, { GITHUB_ACTIONS: 'true' });
    const { obeyed, shown } = readLog(out);
    const masked = obeyed.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
    expect(masked.toSorted()).toEqual([`${receiver.url}/hook-secret-part`, key]);
    expect(shown.join('\n') + err).not.toContain('secret-part');
  });
});

describe('notify test', () => {
  test('says what each channel answered; without a cluster', async () => {
    const slack = await startSlack();
    open.push(slack);
    slack.trouble = 'refuses';
    await file('slack', `${slack.url}${slackHookPath}`);
    await config({
      channels: {
        ops: hook(),
        chat: { kind: 'slack', token: { file: path('key') }, channel: '#x', api: `${slack.url}/api`, allowPrivate: true },
        gone: { kind: 'teams', webhook: { env: 'NO_SUCH_VARIABLE' } },
      },
    });
    const { code, out } = await run('notify test');
    expect(code).toBe(1);
    expect(out).toMatch(/^ops: sent\nchat: refused: answered channel_not_found\ngone: failed: .*NO_SUCH_VARIABLE.*\n$/);
    expect(receiver.messages).toMatchObject([{ type: 'deploy.started', data: { severity: 'info', app: { name: 'shepherd-test' } } }]);
    expect(JSON.parse((await run('notify test ops --json')).out)).toEqual({
      schemaVersion: 1,
      type: 'result',
      channels: [{ channel: 'ops', result: 'sent' }],
      exitCode: 0,
    });
    expect(cluster.memory.calls).toEqual([]);
  });

  test('wakes nobody, unless it is told to: then an alert is opened and resolved', async () => {
    const pager = await startPagerDuty();
    open.push(pager);
    await file('routing', 'a'.repeat(32));
    await config({ channels: { pager: { kind: 'pagerduty', routingKey: { file: path('routing') }, api: pager.url, allowPrivate: true } } });
    expect((await run('notify test')).out).toBe('pager: sent\n');
    expect(pager.messages).toMatchObject([{ kind: 'change' }]);
    expect((await run('notify test --alert')).out).toBe('pager: sent\n');
    expect(pager.messages[1]).toMatchObject({ kind: 'alert', severity: 'critical', status: 'resolved' });
  });
});

describe('bad input', () => {
  const secret = 'https://hooks.slack.com/services/T0/B0/secret-part';
  test.each([
    ['a literal address', { channels: { a: { kind: 'slack', webhook: secret } } }, /notify\.channels\.a\.webhook: got a text, expected where it stands/],
    ['a literal among secrets', { channels: { a: { kind: 'webhook', url: { env: 'X' }, secrets: [secret] } } }, /notify\.channels\.a\.secrets.*got/],
    ['an unknown kind', { channels: { a: { kind: 'carrier-pigeon' } } }, /channels\.a\.kind: got "carrier-pigeon", expected one of slack, pagerduty/],
    ['neither webhook nor bot', { channels: { a: { kind: 'slack' } } }, /webhook alone, or token and channel of a bot/],
    ['an unknown option', { channels: { a: { kind: 'teams', webhook: { env: 'X' }, url: secret } } }, /channels\.a\.url: got an unknown field/],
    ['a route to nowhere', { channels: { a: { kind: 'pagerduty' } }, routes: [{ channels: ['b'] }] }, /routes\.0\.channels\.0: .*expected one of a/],
    ['an escalation to nowhere', { channels: { a: { kind: 'pagerduty' } }, escalation: ['b'] }, /escalation\.0: .*expected one of a/],
    ['a type that is none', { channels: { a: { kind: 'pagerduty' } }, routes: [{ channels: ['a'], types: ['everything'] }] }, /types such as deploy\.failed/],
  ])('%s is refused before anything is written, and no secret is shown', async (_, notify, says) => {
    await config(notify);
    for (const line of [deploy, 'notify test', 'notify flush']) {
      const { code, out, err } = await run(line);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(says);
      expect(err).not.toContain('secret-part');
    }
    expect(cluster.memory.calls).toEqual([]);
  });

  test.each([
    ['notify test', /notify\.channels: got nothing/],
    ['notify flush -n shop', /notify\.channels: got nothing/],
  ])('%s without channels says where they belong', async (line, says) => {
    expect(await run(line)).toMatchObject({ code: 2, err: expect.stringMatching(says) });
  });

  test('a channel that is not there, a flush of nowhere', async () => {
    await file('shepherd.config.json', JSON.stringify({ notify: { channels: { ops: hook() } } }));
    expect(await run('notify test opps')).toMatchObject({ code: 2, err: expect.stringMatching(/got "opps", expected one of ops/) });
    expect(await run('notify flush')).toMatchObject({ code: 2, err: expect.stringMatching(/--namespace: got nothing/) });
  });
});

describe('preflight looks at the channels, sends nothing, and blocks nothing', () => {
  test.each([
    ['http', 'http://hooks.example.com/secret-part', 'notifier-address'],
    ["the cloud's metadata", 'https://169.254.169.254/secret-part', 'notifier-address'],
    ['a password in it', 'https://jo:pw@hooks.example.com/secret-part', 'notifier-address'],
    ['nothing', '', 'notifier-secret'],
  ])('an address that is %s', async (_, url, id) => {
    await file('url', url);
    await config({ channels: { ops: { ...hook(), allowPrivate: false } } });
    const { code, out } = await run('preflight --image r/web:1.1.0 --json');
    const { findings } = JSON.parse(out) as { findings: readonly { id: string; level: string; object?: string }[] };
    expect(findings.filter((finding) => finding.object === 'notifier ops')).toMatchObject([{ id, level: 'warning' }]);
    expect([code, receiver.asked.length]).toEqual([0, 0]);
    expect(out).not.toMatch(/secret-part|jo:pw/);
  });

  test('a secret that signs nothing, a source that is not there; production without anybody who is called', async () => {
    await file('key', 'not-a-key-secret-part');
    await config({ channels: { ops: hook(), pager: { kind: 'pagerduty', routingKey: { env: 'NO_SUCH_VARIABLE' } } } }, { environments: { production: {} } });
    const { out } = await run('preflight --image r/web:1.1.0 --environment production');
    expect(out).toMatch(/notifier-secret {2}no notice would be sent: it is no key that signs[\s\S]*notifier-secret {2}.*NO_SUCH_VARIABLE/);
    expect(out).toContain('escalation-missing');
    expect(out).not.toContain('secret-part');
  });
});
