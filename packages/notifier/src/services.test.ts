// Whole rollouts with every channel at work, against services that answer as the real ones do.
import { Canary, type Notifier, type RolloutEvent, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, VirtualClock } from '@shepherd/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { context, notice } from './__fixtures__/notice.js';
import { discord } from './discord/index.js';
import { pagerduty } from './pagerduty/index.js';
import { slack } from './slack/index.js';
import { teams } from './teams/index.js';
import { type Service, slackHookPath, startDiscord, startPagerDuty, startReceiver, startSlack, startTeams, type Trouble } from './testing/index.js';
import { webhook } from './webhook/index.js';

const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const allowPrivate = true;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});
const kept = async <T extends AsyncDisposable>(started: Promise<T>): Promise<T> => {
  const service = await started;
  open.push(service);
  return service;
};

/** Every service, and every channel on it. */
async function world(clock: VirtualClock) {
  const [hook, bot, pager, cards, embeds, receiver] = await Promise.all([
    kept(startSlack()),
    kept(startSlack()),
    kept(startPagerDuty()),
    kept(startTeams()),
    kept(startDiscord()),
    kept(startReceiver([secret], () => clock.now())),
  ]);
  const notifiers: readonly Notifier[] = [
    slack({ name: 'hook', webhook: () => `${hook.url}${slackHookPath}`, allowPrivate }),
    slack({ name: 'bot', token: () => 'xoxb-1', channel: '#deploys', api: `${bot.url}/api`, allowPrivate }),
    pagerduty({ name: 'pager', routingKey: () => 'a'.repeat(32), api: pager.url, allowPrivate }),
    teams({ name: 'cards', webhook: () => `${cards.url}/workflows/1`, allowPrivate }),
    discord({ name: 'embeds', webhook: () => `${embeds.url}/api/webhooks/1/token`, allowPrivate }),
    webhook({ name: 'receiver', url: () => `${receiver.url}/hook`, secrets: () => secret, allowPrivate }),
  ];
  const all: readonly Service<unknown>[] = [hook, bot, pager, cards, embeds, receiver];
  return { notifiers, all, hook, bot, pager, cards, embeds, receiver };
}

const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });

async function release(clock: VirtualClock, notifiers: readonly Notifier[], versions = {}) {
  const platform = createMemoryPlatform({ clock, versions });
  const shepherd = new Shepherd({ platform, notifiers, actor: { name: 'ada', kind: 'human', url: 'https://ci.example.com/7' } });
  const heard: RolloutEvent[] = [];
  shepherd.on('listener-error', (event) => void heard.push(event));
  const nasty = '\u001b[31mfix <!channel> <@U1> @everyone [x](javascript:alert(1))\u001b[0m';
  const outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy, reason: nasty, timeout: '10m' }).outcome;
  const { undelivered } = await shepherd.close({ timeout: '10m' });
  return { outcome, undelivered, heard };
}

describe('a release with every channel', () => {
  test('each service takes all of it: one message and a thread, one embed, cards, changes, signed webhooks', async () => {
    using clock = new VirtualClock({ auto: true });
    const { notifiers, hook, bot, pager, cards, embeds, receiver } = await world(clock);
    const { outcome, undelivered, heard } = await release(clock, notifiers);
    expect([outcome.kind, undelivered, heard]).toEqual(['succeeded', [], []]);
    const told = receiver.messages.length;
    expect(told).toBeGreaterThan(8);
    expect(receiver.messages.every(({ times }) => times === 1)).toBe(true);
    expect(hook.messages).toHaveLength(told);
    expect(cards.messages).toHaveLength(told);
    const [head, ...thread] = bot.messages;
    expect([head?.edits, thread.length]).toEqual([told - 1, told - 1]);
    expect(thread.every(({ threadTs }) => threadTs === head?.ts)).toBe(true);
    expect(head?.text).toContain('is released');
    expect(embeds.messages.map(({ edits }) => edits)).toEqual([told - 1, 0]);
    expect(pager.messages.map(({ kind }) => kind)).toEqual(['change', 'change']);
    const said = JSON.stringify([hook.messages, bot.messages]);
    expect(said).not.toMatch(/<!channel>|<@U1>|\\u001b/);
    expect(embeds.asked.every(({ body }) => JSON.parse(body).allowed_mentions.parse.length === 0)).toBe(true);
  });

  test('what cannot be taken back opens an alert, and the next good release closes it', async () => {
    using clock = new VirtualClock({ auto: true });
    const { notifiers, pager } = await world(clock);
    const [, , alerts] = notifiers as readonly [Notifier, Notifier, Notifier];
    const failed = notice({ app: { cluster: 'memory', namespace: 'default', name: 'web' }, type: 'rollback.failed', severity: 'critical' });
    for (const id of ['1', '2']) expect(await alerts.send({ ...failed, id, rolloutId: id }, context({ clock }))).toEqual({ kind: 'sent' });
    expect(pager.messages).toMatchObject([{ kind: 'alert', key: 'shepherd/memory/default/web', severity: 'critical', status: 'triggered', triggers: 2 }]);
    await release(clock, [alerts]);
    expect(pager.messages[0]).toMatchObject({ status: 'resolved' });
  });

  test('as long as an incident of the app is open, its alert stays', async () => {
    using clock = new VirtualClock({ auto: true });
    const { notifiers, pager } = await world(clock);
    const [, , alerts] = notifiers as readonly [Notifier, Notifier, Notifier];
    const of = (type: string, open: string) => alerts.send(notice({ type, metadata: { openIncidents: open } }), context({ clock }));
    await of('incident.opened', '2');
    await of('incident.resolved', '1');
    expect(pager.messages).toMatchObject([{ status: 'triggered' }]);
    await of('incident.resolved', '0');
    expect(pager.messages).toMatchObject([{ status: 'resolved' }]);
  });
});

describe('services in trouble', () => {
  const troubles: readonly Trouble[] = ['rate-limited', 'down', 'refuses', 'gone', 'too-large', 'hangs', 'resets', 'redirects', 'endless'];
  /** What a Slack webhook, a receiver, Teams and PagerDuty take by the status alone: an answer that does not end has said 200. */
  const lasting = (trouble: Trouble): boolean => trouble !== 'endless';

  test.each(troubles)('%s all the time: the release ends as without them, at the same time, and what nobody got is listed', async (trouble) => {
    using clock = new VirtualClock({ auto: true });
    using other = new VirtualClock({ auto: true });
    const quiet = await release(other, []);
    const { notifiers, all } = await world(clock);
    for (const service of all) service.trouble = trouble;
    const { outcome, undelivered } = await release(clock, notifiers);
    expect([outcome.kind, outcome.ms]).toEqual([quiet.outcome.kind, quiet.outcome.ms]);
    const channels = new Set(undelivered.map(({ notifier }) => notifier));
    // Discord and the bot go by what an answer says; PagerDuty has nothing to tell of most.
    if (lasting(trouble)) for (const name of ['hook', 'cards', 'receiver']) if (!(name === 'hook' && trouble === 'refuses')) expect(channels).toContain(name);
    expect(channels).toContain('bot');
    expect(JSON.stringify(undelivered)).not.toMatch(/webhooks\/1|T00000000|xoxb|workflows\/1/);
    for (const service of all) expect(service.asked.some(({ path }) => path.includes('meta-data'))).toBe(false);
  });

  test.each(['rate-limited', 'down', 'resets', 'hangs'] as const)('%s for a while: everything arrives in the end, under one id', async (trouble) => {
    using clock = new VirtualClock({ auto: true });
    const { notifiers, all, receiver, hook } = await world(clock);
    for (const service of all) service.trouble = (_, index) => (index % 3 === 0 ? trouble : undefined);
    const { outcome, undelivered } = await release(clock, notifiers);
    expect([outcome.kind, undelivered]).toEqual(['succeeded', []]);
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(receiver.messages.length);
    expect(hook.messages.length).toBe(receiver.messages.length);
  });

  test('410 ends a channel: nothing more is sent there, and the rest is listed', async () => {
    using clock = new VirtualClock({ auto: true });
    const { notifiers, receiver } = await world(clock);
    receiver.trouble = 'gone';
    const { undelivered, heard } = await release(clock, [notifiers[5] as Notifier]);
    expect(receiver.asked).toHaveLength(1);
    expect(undelivered.length).toBeGreaterThan(8);
    expect(heard.map((event) => (event.type === 'listener-error' ? event.message : ''))).toEqual([
      expect.stringMatching(/answered 410; nothing more is sent there/),
    ]);
  });
});
