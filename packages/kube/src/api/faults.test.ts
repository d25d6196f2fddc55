import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transport } from '@shepherd/core';
import type { VirtualClock } from '@shepherd/core/testing';
import { createSandbox, type Fault, type FaultMatch, type Sandbox } from '@shepherd/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import { createKubeApi } from './client.js';
import type { KubeApi, KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';
import { loadConnection } from './kubeconfig/load-connection.js';

const path = '/api/v1/namespaces/default/configmaps';
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface World {
  readonly sandbox: Sandbox;
  readonly clock: VirtualClock;
  readonly api: KubeApi;
  /** Methods of the requests sent since the last question. */
  sent(): string;
  stored(name?: string): ConfigMap | undefined;
  names(): string;
}

/** The client of an API in memory that holds the ConfigMap `a`, on virtual time. */
async function setup({ kubeconfig }: { kubeconfig?: (own: string) => Promise<string> } = {}): Promise<World> {
  const sandbox = await createSandbox();
  const clock = sandbox.connection.clock as VirtualClock;
  const methods: string[] = [];
  const transport: Transport = (request) => {
    methods.push(request.method);
    return sandbox.connection.transport(request);
  };
  const own = sandbox.connection.kubeconfig;
  const text = (await kubeconfig?.(own)) ?? own;
  const api = createKubeApi({ connection: () => loadConnection({ kubeconfig: text, transport }), clock, random: () => 1 });
  ending.push(
    () => sandbox[Symbol.asyncDispose](),
    () => api.close(),
  );
  // What every namespace holds would only be in the way.
  await clock.sleep(1_000);
  await api.delete(`${path}/kube-root-ca.crt`);
  await api.create(path, { metadata: { name: 'a' }, data: { n: '0' } });
  methods.length = 0;
  return {
    sandbox,
    clock,
    api,
    sent: () => methods.splice(0).join(' '),
    stored: (name = 'a') => sandbox.objects.get('configmaps', 'default', name) as ConfigMap | undefined,
    names: () =>
      sandbox.objects
        .list('configmaps', 'default')
        .map(({ metadata }) => metadata.name)
        .join(' '),
  };
}

/** What is asked, and how often it may be told from the cluster that it was done: exactly once. */
const calls = {
  get: { verb: 'get', run: ({ api }: World) => api.get(`${path}/a`), done: () => true },
  list: { verb: 'list', run: ({ api }: World) => api.list(path), done: () => true },
  create: { verb: 'create', run: ({ api }: World) => api.create(path, { metadata: { name: 'b' } }), done: (world: World) => world.names() === 'a b' },
  patch: {
    verb: 'patch',
    run: ({ api }: World) => api.patch(`${path}/a`, 'merge', { data: { n: '1' } }),
    done: (world: World) => world.stored()?.data?.['n'] === '1',
  },
  'guarded patch': {
    verb: 'patch',
    run: ({ api, stored }: World) => api.patch(`${path}/a`, 'merge', { metadata: { resourceVersion: stored()?.metadata.resourceVersion }, data: { n: '1' } }),
    done: (world: World) => world.stored()?.data?.['n'] === '1',
  },
  replace: {
    verb: 'update',
    run: ({ api, stored }: World) => api.replace(`${path}/a`, { ...stored(), data: { n: '1' } }),
    done: (world: World) => world.stored()?.data?.['n'] === '1',
  },
  delete: { verb: 'delete', run: ({ api }: World) => api.delete(`${path}/a`), done: (world: World) => world.names() === '' },
} as const;
const names = Object.keys(calls) as (keyof typeof calls)[];

const passing: readonly Fault[] = [
  { status: 429, retryAfterSeconds: 7 },
  { status: 500 },
  { status: 502, html: true },
  { status: 503 },
  { status: 504 },
  'hang',
  'reset',
  'drop-answer',
  { delayMs: 5_000 },
];
const text = (fault: Fault): string => (typeof fault === 'string' ? fault : JSON.stringify(fault));
const product = <A, B>(as: readonly A[], bs: readonly B[]): [A, B][] => as.flatMap((a) => bs.map((b): [A, B] => [a, b]));
const told = product(names, passing).map(([name, fault]) => ({ name, fault, what: text(fault) }));

describe('a fault that passes', () => {
  it.each(told)('$name survives $what, and what was asked is done once, in bounded time', async ({ name, fault }) => {
    const world = await setup();
    const { verb, run, done } = calls[name];
    const [before, sleeping, startedAt] = [world.sandbox.writes, world.clock.sleeping, world.clock.monotonicMs()];
    world.sandbox.fault({ verb, times: 1 }, fault);
    const answer = await run(world).catch((error: unknown) => error);
    const tookMs = world.clock.monotonicMs() - startedAt;
    expect(tookMs).toBeLessThanOrEqual(60_000);
    if (typeof fault === 'object' && 'retryAfterSeconds' in fault) expect(tookMs).toBeGreaterThanOrEqual(7_000);
    // Only what cannot be sent twice and got no answer within its time may fail, and then nothing is there.
    if (fault === 'hang' && KubeError.is(answer)) expect([name, answer.reason]).toEqual(['create', 'Timeout']);
    else expect([KubeError.is(answer), done(world)]).toEqual([false, true]);
    expect(world.sandbox.writes - before).toBe(verb === 'get' || verb === 'list' || KubeError.is(answer) ? 0 : 1);
    expect(world.clock.sleeping).toBe(sleeping);
  });

  it('a create with a generated name whose answer is lost is not made twice', async () => {
    const world = await setup();
    world.sandbox.fault({ verb: 'create', times: 1 }, 'drop-answer');
    await expect(world.api.create(path, { metadata: { generateName: 'b-' } })).rejects.toMatchObject({ status: 0, reason: 'ECONNRESET' });
    expect([world.sent(), world.names().split(' ').length]).toEqual(['POST', 2]);
  });
});

describe('what no retry mends is told at once', () => {
  it.each(
    product(names, [400, 401, 403, 404, 409, 410, 422])
      .map(([name, status]) => ({ name, status }))
      // A list that goes on from nothing cannot expire: that is a server in trouble.
      .filter(({ name, status }) => name !== 'list' || status !== 410),
  )('$name with $status', async ({ name, status }) => {
    const world = await setup();
    const startedAt = world.clock.monotonicMs();
    world.sandbox.fault({ verb: calls[name].verb }, { status });
    const answer = await calls[name].run(world).catch((error: unknown) => error);
    expect(world.clock.monotonicMs()).toBe(startedAt);
    // Gone already is what a delete wants.
    if (name === 'delete' && status === 404) expect(answer).toBeUndefined();
    else expect(answer).toMatchObject({ status });
    expect(world.sent().split(' ')).toHaveLength(1);
  });
});

describe('a list', () => {
  const many = async (): Promise<World> => {
    const world = await setup();
    for (let i = 0; i < 600; i++) await world.api.create(path, { metadata: { name: `m-${String(i).padStart(3, '0')}` } });
    return world;
  };

  it('whose second page expired starts over: all of one moment', async () => {
    const world = await many();
    world.sandbox.fault({ verb: 'list', path: /continue=/, times: 1 }, { status: 410 });
    world.sent();
    expect((await world.api.list(path)).items).toHaveLength(601);
    expect(world.sent()).toBe('GET GET GET GET');
  });

  it('whose pages expire each time is read as one', async () => {
    const world = await many();
    world.sandbox.fault({ verb: 'list', path: /continue=/ }, { status: 410 });
    world.sent();
    expect((await world.api.list(path)).items).toHaveLength(601);
    expect(world.sent()).toBe('GET GET GET GET GET');
  });

  it('that is said to expire although it goes on from nothing is asked for again', async () => {
    const world = await setup();
    world.sandbox.fault({ verb: 'list', lasts: '5s' }, { status: 410 });
    expect((await world.api.list(path)).items).toHaveLength(1);
  });
});

describe('a fault that stays', () => {
  const staying: readonly Fault[] = [
    { status: 429 },
    { status: 500 },
    { status: 502, html: true },
    { status: 503 },
    { status: 504 },
    'hang',
    'reset',
    'drop-answer',
  ];
  it.each(product(names, staying).map(([name, fault]) => ({ name, fault, what: text(fault) })))(
    '$name gives up on $what within its time',
    async ({ name, fault }) => {
      const world = await setup();
      const [sleeping, startedAt] = [world.clock.sleeping, world.clock.monotonicMs()];
      const { verb, run, done } = calls[name];
      world.sandbox.fault({ verb }, fault);
      const answer = await run(world).catch((error: unknown) => error);
      const isRead = verb === 'get' || verb === 'list';
      expect(world.clock.monotonicMs() - startedAt).toBeLessThanOrEqual(isRead ? 30_000 : 60_000);
      // A write whose answer is lost each time is found to be done.
      if (KubeError.is(answer)) expect(isRead || fault !== 'drop-answer' || done(world)).toBe(true);
      else expect([fault, done(world)]).toEqual(['drop-answer', true]);
      expect(world.clock.sleeping).toBe(sleeping);
    },
  );
});

describe('a follower misses nothing', () => {
  const broken: readonly (readonly [FaultMatch, Fault, seconds: number])[] = [
    // Longest silence, then a list at once.
    [{ verb: 'watch', times: 1 }, { watch: 'half-open' }, 151],
    [{ verb: 'watch', times: 1 }, { watch: 'half-open', afterEvents: 1 }, 151],
    ...(['reset', 'end', 'garbage', 'error'] as const).map((watch) => [{ verb: 'watch', times: 1 }, { watch }, 2] as const),
    [{ verb: 'watch', times: 1 }, { watch: 'error', status: 500 }, 2],
    [{ verb: 'watch', times: 3 }, { watch: 'error', status: 410 }, 10],
    [{ verb: 'watch', lasts: '2m' }, { watch: 'reset' }, 155],
    [{ verb: 'watch', lasts: '60s' }, { lagMs: 20_000 }, 21],
  ];
  it.each(broken.map(([match, fault, seconds]) => ({ match, fault, seconds, what: `${JSON.stringify(match)} ${text(fault)}` })))(
    '$what, noticed within $seconds s',
    async ({ match, fault, seconds }) => {
      const { sandbox, api, clock, stored } = await setup();
      await api.create(path, { metadata: { name: 'gone' } });
      const stop = new AbortController();
      const before = clock.sleeping;
      const follower = api.follow<ConfigMap>(path, { signal: stop.signal })[Symbol.asyncIterator]();
      await follower.next();
      await clock.sleep(1_000);
      sandbox.fault(match, fault);
      // What happens while nobody may be listening: a change, a new object, one that goes.
      await api.patch(`${path}/a`, 'merge', { data: { n: '1' } });
      await api.create(path, { metadata: { name: 'new' } });
      await api.delete(`${path}/gone`);
      const startedAt = clock.monotonicMs();
      const whole = `a@${stored()?.metadata.resourceVersion} new`;
      for (;;) {
        const { value } = (await follower.next()) as { value: readonly ConfigMap[] };
        const seen = value.map(({ metadata }) => (metadata.name === 'a' ? `a@${metadata.resourceVersion}` : metadata.name)).join(' ');
        if (seen === whole) break;
      }
      expect(clock.monotonicMs() - startedAt).toBeLessThanOrEqual(seconds * 1_000);
      stop.abort();
      await follower.return?.();
      expect(clock.sleeping).toBeLessThanOrEqual(before + 1);
    },
  );

  it.each([{ status: 410 }, { status: 429, retryAfterSeconds: 3 }, { status: 500 }, { status: 502, html: true }, { status: 503 }, 'hang', 'reset'] as const)(
    'lists and watches refused for a while: %j',
    async (fault) => {
      const { sandbox, api, clock } = await setup();
      const startedAt = clock.monotonicMs();
      const back = sandbox.fault({ verb: 'GET', lasts: '2m' }, fault);
      ending.push(back);
      const stop = new AbortController();
      const follower = api.follow<ConfigMap>(path, { signal: stop.signal })[Symbol.asyncIterator]();
      const { value } = (await follower.next()) as { value: readonly ConfigMap[] };
      expect(value.map(({ metadata }) => metadata.name)).toEqual(['a']);
      expect(clock.monotonicMs() - startedAt).toBeLessThanOrEqual(182_000);
      stop.abort();
      await follower.return?.();
    },
  );

  it('a history that the server forgot while the watch was down', async () => {
    const { sandbox, api, clock } = await setup();
    const stop = new AbortController();
    const follower = api.follow<ConfigMap>(path, { signal: stop.signal })[Symbol.asyncIterator]();
    await follower.next();
    await clock.sleep(1_000);
    sandbox.fault({ verb: 'watch', lasts: '30s' }, { watch: 'reset' });
    await api.delete(`${path}/a`);
    sandbox.compact();
    const { value } = (await follower.next()) as { value: readonly ConfigMap[] };
    expect(value).toEqual([]);
    stop.abort();
    await follower.return?.();
  });
});

it('a token that rotates in its file is read again after a 401: nothing fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-token-'));
  ending.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  const world = await setup({
    kubeconfig: async (own) => {
      await writeFile(file, /token: (\S+)/.exec(own)?.[1] ?? '');
      return own.replace(/token: \S+/, `tokenFile: ${file}`);
    },
  });
  const stop = new AbortController();
  const follower = world.api.follow<ConfigMap>(path, { signal: stop.signal })[Symbol.asyncIterator]();
  await follower.next();
  await world.clock.sleep(1_000);
  await writeFile(file, world.sandbox.rotateToken());
  // The old one is still kept, and 401 is what tells of it.
  world.sent();
  await world.api.patch(`${path}/a`, 'merge', { data: { n: '1' } });
  expect([world.sent(), world.stored()?.data?.['n']]).toEqual(['PATCH PATCH', '1']);
  world.sandbox.fault({ verb: 'watch', times: 1 }, { watch: 'reset' });
  await world.api.patch(`${path}/a`, 'merge', { data: { n: '2' } });
  for (let seen = ''; seen !== '2'; ) seen = ((await follower.next()) as { value: readonly ConfigMap[] }).value[0]?.data?.['n'] ?? '';
  // Without a new one in the file, 401 is final.
  world.sandbox.rotateToken();
  await expect(world.api.get(`${path}/a`)).rejects.toMatchObject({ status: 401 });
  stop.abort();
  await follower.return?.();
});
