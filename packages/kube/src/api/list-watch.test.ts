import type { ServerResponse } from 'node:http';
import { VirtualClock } from '@shepherd/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, json, LoopbackServer, pod, type Seen, status } from './__fixtures__/loopback-server.js';
import { createKubeApi } from './client.js';
import type { KubeApi, KubeObject } from './kube-api.js';
import { KubeError } from './kube-error.js';

const path = '/api/v1/namespaces/shop/pods';
const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** The API server of one kind, as far as a list and its watches see it. */
class Pods {
  items: KubeObject[] = [pod('a', '1')];
  version = '1';
  lists = 0;
  readonly watches: { readonly response: ServerResponse; readonly request: Seen; open: boolean }[] = [];
  /** Answers a watch instead, as often as it is set. */
  refuse: Answer[] = [];
  refuseList: Answer[] = [];

  readonly answer: Answer = async (response, request, incoming) => {
    if (request.query['watch'] !== 'true') {
      this.lists++;
      const refused = this.refuseList.shift();
      if (refused !== undefined) return refused(response, request, incoming);
      return json(response, { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: this.version }, items: this.items });
    }
    const refused = this.refuse.shift();
    if (refused !== undefined) return refused(response, request, incoming);
    const watch = { response, request, open: true };
    response.on('close', () => {
      watch.open = false;
    });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.watches.push(watch);
    this.#arrived.splice(0).forEach((call) => call());
  };

  /** The nth watch request, from 1, when it has come. */
  async watch(n: number): Promise<Pods['watches'][number]> {
    while (this.watches.length < n) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.watches[n - 1] as Pods['watches'][number];
  }

  readonly #arrived: (() => void)[] = [];
}

const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const names = (pods: readonly KubeObject[]): string => pods.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).join(' ');

interface Setup {
  readonly pods: Pods;
  readonly server: LoopbackServer;
  readonly api: KubeApi;
  readonly clock: VirtualClock;
  readonly stop: AbortController;
  readonly warnings: string[];
  /** The next snapshot, as text; undefined at the end. */
  next(): Promise<string | undefined>;
}

async function setup({ auto = false, pods = new Pods() } = {}): Promise<Setup> {
  const server = await LoopbackServer.start(pods.answer);
  const clock = new VirtualClock({ auto });
  const warnings: string[] = [];
  const api = createKubeApi({ connection: server.connection(), clock, random: () => 1, onWarning: (text) => warnings.push(text) });
  const stop = new AbortController();
  const iterator = api.follow(path, { signal: stop.signal })[Symbol.asyncIterator]();
  ending.push(
    () => server[Symbol.asyncDispose](),
    () => api.close(),
    async () => clock[Symbol.dispose](),
  );
  const next = async (): Promise<string | undefined> => {
    const { done, value } = await iterator.next();
    return done === true ? undefined : names(value);
  };
  return { pods, server, api, clock, stop, warnings, next };
}

describe('follow', () => {
  it('gives the list now, and the whole list after each change', async () => {
    const { pods, next } = await setup();
    expect(await next()).toBe('a@1');
    const { response, request } = await pods.watch(1);
    expect(request.query).toMatchObject({ resourceVersion: '1', allowWatchBookmarks: 'true', timeoutSeconds: '600' });
    response.write(line('ADDED', pod('b', '2')));
    expect(await next()).toBe('a@1 b@2');
    response.write(line('MODIFIED', pod('a', '3')));
    expect(await next()).toBe('a@3 b@2');
    response.write(line('DELETED', pod('b', '4')));
    expect(await next()).toBe('a@3');
  });

  it('gives an empty list, too', async () => {
    const pods = new Pods();
    pods.items = [];
    const { next } = await setup({ pods });
    expect(await next()).toBe('');
  });

  it('takes changes that come together as one, drops duplicates and keeps bookmarks to itself', async () => {
    const { pods, next } = await setup();
    await next();
    const { response } = await pods.watch(1);
    response.write(
      [line('ADDED', pod('b', '2')), line('MODIFIED', pod('b', '3')), line('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '9' } })].join(''),
    );
    expect(await next()).toBe('a@1 b@3');
    response.write(line('MODIFIED', pod('b', '3')));
    response.write(line('ADDED', pod('c', '10')));
    expect(await next()).toBe('a@1 b@3 c@10');
  });

  it('reads text that the network cut inside of a character', async () => {
    const { pods, api, stop } = await setup();
    const iterator = api.follow(path, { signal: stop.signal })[Symbol.asyncIterator]();
    await iterator.next();
    const { response } = await pods.watch(1);
    const bytes = Buffer.from(line('ADDED', pod('b', '2', { annotations: { text: 'Schäfer 🐑' } })));
    const at = bytes.indexOf(Buffer.from('🐑')) + 2;
    response.write(bytes.subarray(0, at));
    await new Promise((resolve) => setImmediate(resolve));
    response.write(bytes.subarray(at));
    const { value } = (await iterator.next()) as { value: readonly KubeObject[] };
    expect(value[1]?.metadata.annotations).toEqual({ text: 'Schäfer 🐑' });
  });

  it('gives a slow reader the newest state, not every one on the way', async () => {
    const { pods, next, api, stop } = await setup();
    await next();
    const { response } = await pods.watch(1);
    const other = api.follow(path, { signal: stop.signal })[Symbol.asyncIterator]();
    await other.next();
    for (let i = 2; i <= 20; i++) {
      response.write(line('MODIFIED', pod('a', String(i))));
      const { value } = (await other.next()) as { value: readonly KubeObject[] };
      expect(names(value)).toBe(`a@${i}`);
    }
    expect(await next()).toBe('a@20');
  });

  it('shares one list and watch among all who follow a path and query; late ones get the list at once', async () => {
    const { pods, next, api, server } = await setup();
    await next();
    await pods.watch(1);
    const [one, two, selected] = [new AbortController(), new AbortController(), new AbortController()];
    const late = api.follow(path, { signal: one.signal })[Symbol.asyncIterator]();
    const later = api.follow(path, { query: {}, signal: two.signal })[Symbol.asyncIterator]();
    expect([await late.next(), await later.next()].map(({ value }) => names(value as KubeObject[]))).toEqual(['a@1', 'a@1']);
    expect(pods.lists).toBe(1);
    const other = api.follow(path, { query: { labelSelector: 'app=web' }, signal: selected.signal })[Symbol.asyncIterator]();
    await other.next();
    expect(pods.lists).toBe(2);
    expect(server.seen.at(-1)?.query['labelSelector'] ?? server.seen.at(-2)?.query['labelSelector']).toBe('app=web');
    one.abort();
    expect((await late.next()).done).toBe(true);
    expect((await pods.watch(1)).open).toBe(true);
  });
});

describe('the end', () => {
  it('of the last follower closes stream and timer, without an error', async () => {
    const { pods, next, stop, clock } = await setup();
    await next();
    const { response } = await pods.watch(1);
    const closed = new Promise((resolve) => response.on('close', resolve));
    expect(clock.sleeping).toBe(1);
    const end = next();
    stop.abort();
    expect(await end).toBeUndefined();
    await closed;
    expect(clock.sleeping).toBe(0);
  });

  it('by break closes the stream as well', async () => {
    const { pods, api, clock } = await setup();
    for await (const snapshot of api.follow(path, { signal: new AbortController().signal })) {
      expect(names(snapshot)).toBe('a@1');
      await pods.watch(1);
      break;
    }
    expect(clock.sleeping).toBe(0);
  });

  it('by close ends every follower quietly and leaves no socket', async () => {
    const { pods, next, api, clock, server } = await setup();
    await next();
    await pods.watch(1);
    const end = next();
    await api.close();
    expect(await end).toBeUndefined();
    expect(clock.sleeping).toBe(0);
    await server.drained();
    expect(await api.follow(path, { signal: new AbortController().signal })[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  it('comes at once with a signal that is aborted already', async () => {
    const { api, server } = await setup();
    expect(await api.follow(path, { signal: AbortSignal.abort() })[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    expect(server.seen).toHaveLength(0);
  });

  it('between two tries opens no more watch', async () => {
    const pods = new Pods();
    pods.refuse = [(response) => status(response, 503, 'ServiceUnavailable')];
    const { next, stop, clock, server } = await setup({ pods });
    await next();
    const end = next();
    await clock.advance('1ms');
    expect(server.seen).toHaveLength(2);
    expect(clock.sleeping).toBe(1);
    stop.abort();
    expect(await end).toBeUndefined();
    expect(clock.sleeping).toBe(0);
    await clock.advance('1m');
    expect(server.seen).toHaveLength(2);
  });

  it.each([401, 403, 404])('comes as an error with %i, and a later follower tries anew', async (code) => {
    const pods = new Pods();
    pods.refuseList = [(response) => status(response, code, 'Reason')];
    const { next, api, stop } = await setup({ pods });
    await expect(next()).rejects.toMatchObject({ status: code, verb: 'list' });
    const again = await api.follow(path, { signal: stop.signal })[Symbol.asyncIterator]().next();
    expect(names(again.value as KubeObject[])).toBe('a@1');
  });

  it('names the verb watch when only that is refused', async () => {
    const pods = new Pods();
    pods.refuse = [(response) => status(response, 403, 'Forbidden')];
    const { next } = await setup({ pods });
    await next();
    const error: unknown = await next().catch((thrown: unknown) => thrown);
    expect(KubeError.is(error, 403) && error.verb).toBe('watch');
  });
});

describe('a stream that ends', () => {
  it('in its time is opened again at the version it reached, without a list', async () => {
    const { pods, next, clock } = await setup();
    await next();
    const first = await pods.watch(1);
    await clock.advance('65s');
    first.response.write(line('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '42' } }));
    first.response.end();
    const second = await pods.watch(2);
    expect(second.request.query['resourceVersion']).toBe('42');
    expect(pods.lists).toBe(1);
  });

  it('early is opened again after a wait that grows', async () => {
    const { pods, next, clock } = await setup({ auto: true });
    await next();
    const at: number[] = [];
    for (let n = 1; n <= 5; n++) {
      const { response } = await pods.watch(n);
      at.push(clock.monotonicMs());
      response.destroy();
    }
    expect(at.slice(1).map((ms, i) => ms - (at[i] ?? 0))).toEqual([1000, 2000, 4000, 8000]);
    expect(pods.lists).toBe(1);
  });

  it('after a minute was no failure: the waits start over', async () => {
    const { pods, next, clock } = await setup({ auto: true });
    await next();
    for (let n = 1; n <= 3; n++) (await pods.watch(n)).response.destroy();
    const lived = await pods.watch(4);
    await clock.sleep(61_000);
    lived.response.destroy();
    const brokenAt = clock.monotonicMs();
    await pods.watch(5);
    expect(clock.monotonicMs() - brokenAt).toBe(1000);
  });

  it('with a broken connection is taken up where it was', async () => {
    const { pods, next } = await setup({ auto: true });
    await next();
    const { response } = await pods.watch(1);
    response.write(line('ADDED', pod('b', '7')));
    expect(await next()).toBe('a@1 b@7');
    response.destroy();
    expect((await pods.watch(2)).request.query['resourceVersion']).toBe('7');
  });

  it('by silence is given up after 150 s, as a half-open connection never ends itself', async () => {
    const { pods, next, clock } = await setup();
    await next();
    const first = await pods.watch(1);
    await clock.advance('100s');
    first.response.write(line('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '5' } }));
    await clock.advance('149s');
    expect(first.open).toBe(true);
    const closed = new Promise((resolve) => first.response.on('close', resolve));
    await clock.advance('2s');
    await closed;
    await clock.advance('1s');
    expect((await pods.watch(2)).request.query['resourceVersion']).toBe('5');
  });

  it('as 410, in the stream or before it, is followed by a new list, whose gaps are told', async () => {
    const pods = new Pods();
    const { next } = await setup({ pods });
    await next();
    const { response } = await pods.watch(1);
    [pods.items, pods.version] = [[pod('b', '20')], '20'];
    response.write(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
    expect(await next()).toBe('b@20');
    const second = await pods.watch(2);
    expect(second.request.query['resourceVersion']).toBe('20');
    expect(pods.lists).toBe(2);
  });

  it('as 410 over HTTP is followed by a new list', async () => {
    const pods = new Pods();
    pods.refuse = [(response) => status(response, 410, 'Expired')];
    const { next } = await setup({ pods });
    await next();
    await pods.watch(1);
    expect(pods.lists).toBe(2);
  });

  it('as 410 again and again waits in between', async () => {
    const pods = new Pods();
    pods.refuse = Array.from({ length: 4 }, (): Answer => (response) => status(response, 410, 'Expired'));
    const { next, clock } = await setup({ pods, auto: true });
    await next();
    await pods.watch(1);
    expect(clock.monotonicMs()).toBe(1000 + 2000 + 4000);
  });

  it('with another error backs off and opens again, asking nothing more of a busy server', async () => {
    const pods = new Pods();
    pods.refuse = [(response) => status(response, 500, 'InternalError'), (response) => status(response, 429, 'TooManyRequests', {}, { 'retry-after': '9' })];
    const { next, clock } = await setup({ pods, auto: true });
    await next();
    const { request } = await pods.watch(1);
    expect(request.query['resourceVersion']).toBe('1');
    expect(clock.monotonicMs()).toBe(1000 + 9000);
    expect(pods.lists).toBe(1);
  });

  it('with a line that is no event says so and lists again, since something was lost', async () => {
    const { pods, next, warnings } = await setup({ auto: true });
    await next();
    const { response } = await pods.watch(1);
    [pods.items, pods.version] = [[pod('a', '30')], '30'];
    response.write(`${line('ADDED', pod('b', '2'))}{"type":"ADD\n`);
    expect(await next()).toBe('a@1 b@2');
    expect(await next()).toBe('a@30');
    expect(warnings).toEqual([expect.stringContaining('cannot be read')]);
  });
});

describe('the list', () => {
  it('is repeated through an outage until it succeeds', async () => {
    const pods = new Pods();
    pods.refuseList = Array.from(
      { length: 6 },
      (_, i): Answer =>
        (response) =>
          i % 2 === 0 ? void response.socket?.destroy() : status(response, 503, 'ServiceUnavailable'),
    );
    const { next } = await setup({ pods, auto: true });
    expect(await next()).toBe('a@1');
    expect(pods.lists).toBe(7);
  });

  it('is read again every ten minutes, and tells only what differs', async () => {
    const { pods, next, clock } = await setup();
    await next();
    const first = await pods.watch(1);
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance('1m');
      first.response.write(line('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: String(100 + minute) } }));
    }
    [pods.items, pods.version] = [[pod('a', '1'), pod('late', '150')], '200'];
    first.response.end();
    expect(await next()).toBe('a@1 late@150');
    expect((await pods.watch(2)).request.query['resourceVersion']).toBe('200');
    expect(pods.lists).toBe(2);
  });

  it('is read again even if the server keeps the stream open', async () => {
    const { pods, next, clock } = await setup();
    await next();
    const first = await pods.watch(1);
    for (let minute = 0; minute < 11; minute++) {
      first.response.write(line('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: String(100 + minute) } }));
      await clock.advance('1m');
    }
    await pods.watch(2);
    expect(first.open).toBe(false);
    expect(pods.lists).toBe(2);
  });
});
