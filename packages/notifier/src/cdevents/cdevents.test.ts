// Whole rollouts whose CDEvents a receiver takes, or refuses by the published rules for their fields.
import { Canary, type Notifier, type Outcome, Shepherd } from '@shepherd/core';
import { createMemoryPlatform, VirtualClock } from '@shepherd/core/testing';
import { afterEach, expect, test } from 'vitest';
import { context, notice } from '../__fixtures__/notice.js';
import { cdEventIssues, type ReceivedCloudEvent, type Service, startCdEvents } from '../testing/index.js';
import { artifactOf } from './artifact.js';
import { chainOf, eventsOf } from './event.js';
import { cdevents } from './index.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function receiver(options: Partial<Parameters<typeof cdevents>[0]> = {}): Promise<{ service: Service<ReceivedCloudEvent>; channel: Notifier }> {
  const service = await startCdEvents();
  open.push(service);
  return { service, channel: cdevents({ url: () => `${service.url}/events`, allowPrivate: true, ...options }) };
}

const hex = (digit: string): string => `sha256:${digit.repeat(64)}`;
const app = { cluster: 'eu', namespace: 'shop', name: 'web' };
const version = (digit: string) => ({ hash: digit.repeat(8), images: [`registry.example.com/shop/web:1.${digit}@${hex(digit)}`] });
const released = (more: object) => notice({ app, strategy: 'canary', from: version('1'), to: version('2'), metadata: { environment: 'production' }, ...more });
const typesOf = ({ messages }: Service<ReceivedCloudEvent>): readonly string[] => messages.map(({ type }) => type);
const content = (event: ReceivedCloudEvent | undefined) => (event?.data as { subject: { content: Record<string, unknown> } }).subject.content;

const endings: readonly (readonly [string, object, readonly string[], string | undefined, string])[] = [
  ['a first deploy', { type: 'deploy.succeeded', from: undefined }, ['service.deployed', 'pipelinerun.finished'], '2', 'success'],
  ['a release that was promoted', { type: 'deploy.succeeded' }, ['service.upgraded', 'pipelinerun.finished'], '2', 'success'],
  ['one that turned back', { type: 'rollback.succeeded' }, ['service.rolledback', 'pipelinerun.finished'], '1', 'failure'],
  ['one that a person took back', { type: 'deploy.aborted' }, ['service.rolledback', 'pipelinerun.finished'], '1', 'cancel'],
  ['a rollback that was asked for', { type: 'rollback.succeeded', strategy: 'rollback' }, ['service.rolledback', 'pipelinerun.finished'], '2', 'success'],
  ['a rollback that failed', { type: 'rollback.failed' }, ['pipelinerun.finished'], undefined, 'error'],
  ['one that a gate kept out', { type: 'deploy.blocked' }, ['pipelinerun.finished'], undefined, 'cancel'],
  ['one that did not start', { type: 'deploy.failed' }, ['pipelinerun.finished'], undefined, 'failure'],
  ['a restart', { type: 'deploy.succeeded', strategy: 'restart' }, ['pipelinerun.finished'], undefined, 'success'],
];

test.each(endings)('%s', async (_, more, types, restored, outcome) => {
  for (const mode of ['binary', 'structured'] as const) {
    const { service, channel } = await receiver({ mode });
    expect(await channel.send(released(more), context())).toEqual({ kind: 'sent' });
    expect(service.messages.map((each) => each.mode)).toEqual(types.map(() => mode));
    expect(typesOf(service)).toEqual(types.map((type) => `dev.cdevents.${type}.0.3.0`));
    expect(content(service.messages.at(-1))).toMatchObject({
      outcome,
      pipelineName: expect.stringMatching(/^shepherd\./),
      uri: 'https://ci.example.com/run/7?a=1&b=2',
    });
    if (restored === undefined) continue;
    expect(content(service.messages[0])).toEqual({
      environment: { id: 'production', source: '/shepherd/eu/shop' },
      artifactId: `pkg:oci/web@sha256%3A${restored.repeat(64)}?repository_url=registry.example.com%2Fshop%2Fweb&tag=1.${restored}`,
    });
    const [{ context: head }] = service.messages.map(({ data }) => data as { context: Record<string, string> }) as [{ context: Record<string, string> }];
    expect(head).toMatchObject({ specversion: '0.5.1', source: '/shepherd/eu/shop', chainId: chainOf('eu_shop_web_01') });
  }
});

test('incidents are detected and resolved; what CDEvents has no word for is an event of our own', async () => {
  const { service, channel } = await receiver();
  for (const type of ['incident.opened', 'incident.escalated', 'incident.resolved', 'deploy.paused', 'rollback.started'])
    expect(await channel.send(notice({ id: `msg_${type}`, type, app, title: 'Ausfall: "web" fällt aus', text: '100 % der Anfragen' }), context())).toEqual({
      kind: 'sent',
    });
  expect(typesOf(service)).toEqual([
    'dev.cdevents.incident.detected.0.3.0',
    'dev.shepherd.incident.escalated.v1',
    'dev.cdevents.incident.resolved.0.3.0',
    'dev.shepherd.deploy.paused.v1',
    'dev.shepherd.rollback.started.v1',
  ]);
  expect(content(service.messages[0])).toMatchObject({ environment: { id: 'shop' }, service: { id: 'shop/web' }, description: '100 % der Anfragen' });
  expect(service.messages[1]?.data).toMatchObject({ type: 'incident.escalated', title: 'Ausfall: "web" fällt aus' });
});

test('a release by tag names that; without an image there is no event of the service, and the warning stays where undelivered notices are', async () => {
  const { service, channel } = await receiver();
  const byTag = released({ type: 'deploy.succeeded', to: { hash: 'h', images: ['registry/web:1.3.0'] } });
  expect(await channel.send(byTag, context())).toEqual({ kind: 'sent' });
  expect(typesOf(service)).toEqual(['dev.cdevents.service.upgraded.0.3.0', 'dev.cdevents.pipelinerun.finished.0.3.0']);
  expect(content(service.messages[0])).toMatchObject({ artifactId: 'pkg:oci/web?repository_url=registry%2Fweb&tag=1.3.0' });
  const none = released({ type: 'deploy.succeeded', id: 'msg_none', to: { hash: 'h', images: [] } });
  expect(await channel.send(none, context())).toEqual({ kind: 'refused', why: 'no service.upgraded: the version is no image that has a package URL' });
  expect(typesOf(service).slice(2)).toEqual(['dev.cdevents.pipelinerun.finished.0.3.0']);
});

test.each([
  [`web@${hex('a')}`, `pkg:oci/web@sha256%3A${'a'.repeat(64)}?repository_url=web`],
  [`localhost:5000/Shop/Web@${hex('b')}`, `pkg:oci/web@sha256%3A${'b'.repeat(64)}?repository_url=localhost%3A5000%2FShop%2FWeb`],
  [`web:1.3.0@${hex('c')}`, `pkg:oci/web@sha256%3A${'c'.repeat(64)}?repository_url=web&tag=1.3.0`],
  ['registry:5000/web:1.3.0', 'pkg:oci/web?repository_url=registry%3A5000%2Fweb&tag=1.3.0'],
  ['registry:5000/web', 'pkg:oci/web?repository_url=registry%3A5000%2Fweb&tag=latest'],
  ['web@sha256:short', undefined],
  ['', undefined],
])('%s', (image, artifact) => expect(artifactOf({ hash: 'h', images: [image] })).toBe(artifact));

test('a notice that is sent again is the same events, which a receiver takes once', async () => {
  const { service, channel } = await receiver();
  service.trouble = (asked, index) => (index === 1 ? 'down' : undefined);
  const done = released({ type: 'deploy.succeeded' });
  expect((await channel.send(done, context())).kind).toBe('retry');
  expect(await channel.send(done, context({ attempt: 2 }))).toEqual({ kind: 'sent' });
  expect(service.messages.map(({ type, times }) => [type, times])).toEqual([
    ['dev.cdevents.service.upgraded.0.3.0', 2],
    ['dev.cdevents.pipelinerun.finished.0.3.0', 1],
  ]);
});

test('names of clusters that are no path are still a reference, and what people wrote stands in no header', async () => {
  const { service, channel } = await receiver();
  const odd = released({ type: 'deploy.started', app: { ...app, cluster: 'arn:aws:eks:eu-1:1:cluster/"prod" ä' }, rolloutId: 'x_y_z_1' });
  expect(await channel.send(odd, context())).toEqual({ kind: 'sent' });
  expect(service.asked[0]?.headers['ce-source']).toMatch(/^[\x21-\x7e]+$/);
});

test('the rules refuse what the schemas refuse', () => {
  const [made] = eventsOf(released({ type: 'deploy.succeeded' })).events as unknown as [{ data: { context: object; subject: { content: object } } }];
  const { data } = made;
  expect(cdEventIssues(data)).toEqual([]);
  const broken: readonly (readonly [unknown, RegExp])[] = [
    [{ ...data, extra: 1 }, /event\.extra is no field/],
    [{ ...data, context: { ...data.context, specversion: '0.5.0' } }, /specversion is 0\.5\.0/],
    [{ ...data, context: { ...data.context, timestamp: 'now' } }, /timestamp is no time/],
    [{ ...data, context: { ...data.context, type: 'dev.cdevents.service.upgraded.0.2.0' } }, /type is/],
    [{ ...data, subject: { ...data.subject, type: 'service' } }, /subject\.type is no field/],
    [{ ...data, subject: { ...data.subject, content: { environment: { id: 'x' } } } }, /artifactId is missing/],
    [{ ...data, subject: { ...data.subject, content: { artifactId: 'x' } } }, /environment is missing/],
    [{ context: { type: 'dev.cdevents.approval.created.0.1.0' } }, /none that is known/],
  ];
  for (const [event, issue] of broken) expect(cdEventIssues(event).join()).toMatch(issue);
});

test('a rollout by memory: the run begins and ends once, and the service is upgraded', async () => {
  using clock = new VirtualClock({ auto: true });
  const { service, channel } = await receiver({ wants: { types: ['deploy.started', 'deploy.succeeded'] } });
  const shepherd = new Shepherd({ platform: createMemoryPlatform({ clock }), notifiers: [channel], actor: { name: 'ada', kind: 'human' } });
  const strategy = new Canary({ stages: [50, 100], interval: '1m', analysis: false });
  const outcome: Outcome = await shepherd.deploy({ app: 'web', release: { version: '1.1.0' }, strategy }).outcome;
  const { undelivered } = await shepherd.close({ timeout: '10m' });
  expect(outcome.kind).toBe('succeeded');
  expect(typesOf(service)).toEqual([
    'dev.cdevents.pipelinerun.started.0.3.0',
    'dev.cdevents.service.upgraded.0.3.0',
    'dev.cdevents.pipelinerun.finished.0.3.0',
  ]);
  expect(content(service.messages[0])).toEqual({ pipelineName: 'shepherd.canary', uri: `urn:uuid:${chainOf(outcome.rolloutId)}` });
  expect(undelivered).toEqual([]);
});

test('a literal address, an unknown mode, an empty environment and an unknown option are refused', () => {
  const bad = { url: 'https://events.example.com', mode: 'batch', environment: '', extra: 1 } as never;
  expect(() => cdevents(bad)).toThrow(/cdevents\.url.*cdevents\.mode.*cdevents\.environment/s);
});
