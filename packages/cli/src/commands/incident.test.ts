import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PagerAlert, slackHookPath, startPagerDuty, startSlack } from '@shepherd/notifier/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

let folder = '';
const open: AsyncDisposable[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'shepherd-incident-'))));
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A cluster, Slack by a webhook, PagerDuty for those who are called. */
async function world(versions: object = {}) {
  const cluster = fakeCluster({ versions: versions as never });
  const [slack, pager] = await Promise.all([startSlack(), startPagerDuty()]);
  open.push(slack, pager);
  const file = async (name: string, text: string) => (await writeFile(join(folder, name), text), { file: join(folder, name) });
  const channels = {
    chat: { kind: 'slack', webhook: await file('hook', `${slack.url}${slackHookPath}`), allowPrivate: true },
    pager: { kind: 'pagerduty', routingKey: await file('key', 'a'.repeat(32)), api: pager.url, allowPrivate: true },
  };
  await file('shepherd.config.json', JSON.stringify({ app: 'web', namespace: 'default', notify: { channels, escalation: ['pager'] } }));
  const run = async (...argv: readonly string[]) => {
    const io = new FakeIo({ cwd: folder });
    const code = await main(argv, io, cluster.options);
    return { code, out: io.out, err: io.err };
  };
  return { cluster, slack, pager, run, alerts: () => pager.messages.filter((each): each is PagerAlert => each.kind === 'alert') };
}

test("the guide's outage: told once, called, its cause recorded, resolved; the alert is closed", async () => {
  const { run, slack, alerts } = await world();
  const text = 'CRITICAL: web outage detected. Emergency rollback initiated.';
  const opened = await run('incident', 'open', '--kind', 'outage', '--reason', text);
  expect([opened.code, opened.err]).toEqual([0, '']);
  expect(opened.out).toMatch(
    /^outage since .*: open\n {2}id {6}memory_default_web_I\w+\n {2}reason {2}CRITICAL: web outage[\s\S]* {2}E1 {6}due 2026-01-01T00:15:[\s\S]*shepherd watch APP --for 30m/,
  );
  expect((await run('incident', 'open', '--kind', 'outage', '--reason', text)).out).toMatch(/^outage is open already/);
  expect(slack.messages.map((message) => message.text)).toEqual([expect.stringContaining(text)]);
  expect(alerts()).toMatchObject([{ key: 'shepherd/memory/default/web', severity: 'error', status: 'triggered', triggers: 1 }]);
  expect((await run('incident', 'cause', '--cause', 'the database is full')).out).toMatch(/cause {3}the database is full/);
  const { out } = await run('incident', 'list', '--json');
  const [{ id }] = (JSON.parse(out) as { incidents: readonly [{ id: string }] }).incidents;
  expect((await run('incident', 'resolve', id, '--reason', 'more room')).out).toMatch(/resolved .* more room/);
  expect(alerts()).toMatchObject([{ status: 'resolved' }]);
  expect((await run('incident', 'list')).out).toMatch(/outage .*resolved/);
});

test('security is escalated at once as critical, and holds the release that runs', async () => {
  const { run, cluster, alerts } = await world();
  const deploy = run('deploy', '--image', 'r/web:1.1.0', '--strategy', 'canary', '--no-analysis', '--stages', '50,100', '--interval', '600', '--yes');
  const version = () => cluster.memory.app('web').candidate?.version;
  while (version() === undefined) await cluster.memory.clock.sleep(1_000);
  const opened = await run('incident', 'open', '--kind', 'security', '--reason', 'a key leaked');
  expect(opened.out).toMatch(/E4 {6}fired [\s\S]*rollout memory_\S+ is held until a person decides: shepherd resume/);
  expect(alerts()).toMatchObject([{ severity: 'critical', triggers: 2 }]);
  expect(await deploy).toMatchObject({ code: 7 });
  expect(cluster.memory.app('web').stable?.version).toBe('1.0.0');
});

test('watch --for carries the clocks: an outage is seen, told, escalated after 15 minutes; 1 while it is open', async () => {
  const { run, alerts, slack } = await world({ '1.0.0': { reply: () => ({ status: 503 }) } });
  const { code, out } = await run('watch', '--for', '16m');
  expect(code).toBe(1);
  expect(out).toMatch(
    /00:00:00 watching until [\s\S]*every pod fails its health check[\s\S]*00:15:00 {3}E1 {6}fired 2026-01-01T00:15:00Z[\s\S]*an incident is open\n$/,
  );
  expect(alerts()).toMatchObject([{ severity: 'critical', status: 'triggered', triggers: 3 }]);
  expect(slack.messages).toHaveLength(3);
  const lines = (await run('watch', '--for', '60', '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.at(-1)).toMatchObject({ type: 'result', exitCode: 1, open: [{ kind: 'outage' }] });
});

test('watch --for of an app that is well ends with 0; --auto goes back after 15 minutes of degradation, and that is 3', async () => {
  const { run, cluster } = await world();
  expect(await run('watch', '--for', '30m')).toMatchObject({ code: 0, out: expect.stringMatching(/well\n[\s\S]*nothing is wrong\n$/) });
  expect((await run('deploy', '--image', 'r/web:1.1.0', '--yes')).code).toBe(0);
  await run('incident', 'open', '--kind', 'degradation', '--reason', 'P99 above 2 s');
  const { code, out } = await run('watch', '--for', '60', '--auto');
  expect([code, cluster.memory.app('web').stable?.version]).toEqual([3, '1.0.0']);
  expect(out).toMatch(/D1 {6}fired[\s\S]*going back: memory_default_web_K/);
});

test.each([
  [['incident', 'open', '--reason', 'x'], /--kind: got nothing, expected one of outage/],
  [['incident', 'open', '--kind', 'fire', '--reason', 'x'], /--kind: got "fire", expected one of outage/],
  [['incident', 'open', '--kind', 'outage'], /--reason: got nothing/],
  [['incident', 'cause'], /--cause/],
  [['incident', 'cause', '--cause', 'x'], /expected an incident that is open/],
  [['incident', 'resolve', 'memory_default_web_I0'], /expected an incident that is open/],
  [['watch', '--auto'], /--auto: got it alone, expected --for as well/],
  [['watch', '--for', 'long'], /--for: got "long"/],
  [['watch', '--for', '60', '--pods'], /--pods: got it with --for/],
])('%j is refused', async (argv, says) => {
  const { run } = await world();
  expect(await run(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(says) });
});
