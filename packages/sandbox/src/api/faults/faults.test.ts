import { VirtualClock } from '@shepherd/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { client } from '../api-fixture.js';
import type { Wire } from '../json.js';
import type { Fault, FaultMatch } from './fault.js';

const path = '/api/v1/namespaces/default/configmaps';
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** A server with the ConfigMap `a`, on virtual time, and `fetch` to it, over HTTP or in memory. */
async function setup(way: 'http' | 'memory') {
  const clock = new VirtualClock({ auto: true });
  const api = client({ clock });
  const http = await api.server.listen();
  const gone = new AbortController();
  ending.push(
    () => clock[Symbol.dispose](),
    () => http.close(),
    () => api.server.close(),
    () => gone.abort(),
  );
  const send = (method: string, at: string, body?: object, { signal = gone.signal, agent = 'test/1' } = {}): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${api.server.adminToken}`,
      'user-agent': agent,
      ...(body && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
    };
    const init = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    return way === 'http' ? fetch(`${http.url}${at}`, init) : api.server.handle(new Request(`http://sandbox${at}`, init));
  };
  await send('POST', path, { metadata: { name: 'a' }, data: { n: '0' } });
  const stored = (): Wire => api.objects.get('configmaps', 'default', 'a') as Wire;
  /** The next event of a watch as a word; `end`, or the code of the error that it broke with. */
  const watch = async (query = ''): Promise<() => Promise<string>> => {
    const answer = await send('GET', `${path}?watch=true${query}`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let rest = '';
    return async () => {
      while (!rest.includes('\n')) {
        const read = await reader.read().catch((error: unknown) => ({ done: true as const, value: undefined, error }));
        if (read.done) return 'error' in read ? 'broken' : 'end';
        rest += new TextDecoder().decode(read.value);
      }
      const text = rest.slice(0, rest.indexOf('\n'));
      rest = rest.slice(text.length + 1);
      try {
        const { type, object } = JSON.parse(text);
        return `${type} ${object.data?.n ?? object.code ?? ''}`.trim();
      } catch {
        return 'garbage';
      }
    };
  };
  const set = async (n: number): Promise<void> => void (await (await send('PATCH', `${path}/a`, { data: { n: String(n) } })).text());
  return { clock, api, send, watch, set, stored, fault: (match: FaultMatch, fault: Fault) => api.server.fault(match, fault) };
}

const wire = async (answer: Response | Promise<Response>): Promise<Wire> => (await (await answer).json()) as Wire;

const codeOf = (error: unknown): unknown => {
  const { cause } = error as { cause?: { code?: string } };
  // Node's fetch tells a socket that was closed without a word by a code of its own.
  return cause?.code === 'UND_ERR_SOCKET' ? 'ECONNRESET' : cause?.code;
};

describe.each(['memory', 'http'] as const)('in %s', (way) => {
  it.each([
    [{ status: 409 }, 'Conflict', null],
    [{ status: 410 }, 'Expired', null],
    [{ status: 429, retryAfterSeconds: 7 }, 'TooManyRequests', '7'],
    [{ status: 500 }, 'InternalError', null],
    [{ status: 503, retryAfterSeconds: 2 }, 'ServiceUnavailable', '2'],
    [{ status: 504 }, 'Timeout', null],
    [{ status: 401 }, 'Unauthorized', null],
  ] as const)('%j is an answer instead of the work', async (fault, reason, retryAfter) => {
    const { send, stored, fault: set } = await setup(way);
    set({ verb: 'patch', times: 1 }, fault);
    const answer = await send('PATCH', `${path}/a`, { data: { n: '1' } });
    expect([answer.status, (await wire(answer)).reason, answer.headers.get('retry-after')]).toEqual([fault.status, reason, retryAfter]);
    expect(stored().data.n).toBe('0');
    expect((await send('PATCH', `${path}/a`, { data: { n: '1' } })).status).toBe(200);
  });

  it('a gateway answers with a page of HTML', async () => {
    const { send, fault } = await setup(way);
    fault({ path: /configmaps\/a$/ }, { status: 502, html: true });
    const answer = await send('GET', `${path}/a`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await answer.text()).toContain('<h1>502</h1>');
  });

  it('hang never answers, until the client gives up', async () => {
    const { send, stored, fault } = await setup(way);
    fault({ verb: 'PATCH' }, 'hang');
    const stop = new AbortController();
    const answer = send('PATCH', `${path}/a`, { data: { n: '1' } }, { signal: stop.signal });
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 30, 'silence'))]);
    expect(first).toBe('silence');
    stop.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(stored().data.n).toBe('0');
  });

  it('reset breaks the connection before the work, drop-answer after it', async () => {
    const { send, stored, fault } = await setup(way);
    fault({ verb: 'patch', times: 1 }, 'reset');
    expect(await send('PATCH', `${path}/a`, { data: { n: '1' } }).catch(codeOf)).toBe('ECONNRESET');
    expect(stored().data.n).toBe('0');
    fault({ verb: 'patch', times: 1 }, 'drop-answer');
    expect(await send('PATCH', `${path}/a`, { data: { n: '2' } }).catch(codeOf)).toBe('ECONNRESET');
    expect(stored().data.n).toBe('2');
  });

  it('a slow answer comes late, the work is done at once', async () => {
    const { clock, send, stored, fault } = await setup(way);
    fault({ verb: 'patch' }, { delayMs: 20_000 });
    const startedAt = clock.monotonicMs();
    const answer = send('PATCH', `${path}/a`, { data: { n: '1' } });
    await clock.sleep(1_000);
    expect(stored().data.n).toBe('1');
    expect((await answer).status).toBe(200);
    expect(clock.monotonicMs() - startedAt).toBe(20_000);
  });

  it('reads lag, by address and list, under a version of that time, and writes do not', async () => {
    const { clock, send, set, fault } = await setup(way);
    const versions = [(await wire(send('GET', path))).metadata.resourceVersion];
    await clock.sleep(1_000);
    await set(1);
    versions.push((await wire(send('GET', path))).metadata.resourceVersion);
    await clock.sleep(4_000);
    await set(2);
    const seen = async (): Promise<unknown[]> => {
      const list = await wire(send('GET', path));
      return [list.items[0].data.n, list.metadata.resourceVersion, (await wire(send('GET', `${path}/a`))).data.n];
    };
    const back = fault({}, { lagMs: 3_000 });
    expect(await seen()).toEqual(['1', versions[1], '1']);
    const stale = await send('PATCH', `${path}/a`, { metadata: { resourceVersion: versions[1] }, data: { n: '3' } });
    expect(stale.status).toBe(409);
    await clock.sleep(3_000);
    expect((await seen())[0]).toBe('2');
    await set(3);
    expect((await seen())[0]).toBe('2');
    back();
    expect((await seen())[0]).toBe('3');
  });

  it('what was not there yet is not found, and a newer version than the lagging one is too large', async () => {
    const { clock, send, fault } = await setup(way);
    await clock.sleep(5_000);
    const made = await wire(send('POST', path, { metadata: { name: 'b' } }));
    fault({ verb: 'get' }, { lagMs: 1_000 });
    fault({ verb: 'list' }, { lagMs: 1_000 });
    expect((await send('GET', `${path}/b`)).status).toBe(404);
    expect((await send('GET', `${path}?resourceVersion=${made.metadata.resourceVersion}`)).status).toBe(504);
  });

  it('a watch lags: each change comes late, in order, with its bookmarks; it catches up when the fault is taken back', async () => {
    const { clock, send, set, watch, fault } = await setup(way);
    const { metadata } = await wire(send('GET', path));
    const back = fault({ verb: 'watch' }, { lagMs: 5_000 });
    const next = await watch(`&resourceVersion=${metadata.resourceVersion}`);
    await set(1);
    const at = clock.monotonicMs();
    await clock.sleep(1_000);
    await set(2);
    expect([await next(), clock.monotonicMs() - at]).toEqual(['MODIFIED 1', 5_000]);
    expect([await next(), clock.monotonicMs() - at]).toEqual(['MODIFIED 2', 6_000]);
    await set(3);
    back();
    expect([await next(), clock.monotonicMs() - at]).toEqual(['MODIFIED 3', 6_000]);
  });

  it.each([
    ['reset', ['broken']],
    ['end', ['end']],
    ['garbage', ['garbage', 'end']],
    ['error', ['ERROR 410', 'end']],
  ] as const)('a watch that runs or starts: %s', async (what, expected) => {
    const { set, watch, fault } = await setup(way);
    const running = await watch();
    expect(await running()).toBe('ADDED 0');
    fault({ times: 2 }, { watch: what });
    const starting = watch();
    for (const word of expected) expect(await running()).toBe(word);
    const next = await starting.catch(() => async () => 'broken');
    for (const word of expected) expect(await next()).toBe(word);
    const well = await watch();
    await set(1);
    expect([await well(), await well()].at(-1)).toMatch(/1$/);
  });

  it('a watch goes wrong after so many changes, with the status that was asked for', async () => {
    const { set, watch, fault } = await setup(way);
    fault({ verb: 'watch' }, { watch: 'error', status: 500, afterEvents: 3 });
    const next = await watch();
    await set(1);
    await set(2);
    await set(3);
    expect([await next(), await next(), await next(), await next(), await next()]).toEqual(['ADDED 0', 'MODIFIED 1', 'MODIFIED 2', 'ERROR 500', 'end']);
  });

  it('a half-open watch says nothing and does not end, not even at its time', async () => {
    const { clock, set, watch, fault } = await setup(way);
    fault({ verb: 'watch' }, { watch: 'half-open', afterEvents: 2 });
    const next = await watch('&allowWatchBookmarks=true&timeoutSeconds=60');
    await set(1);
    expect([await next(), await next()]).toEqual(['ADDED 0', 'MODIFIED 1']);
    await set(2);
    const heard = next();
    await clock.sleep(600_000);
    expect(await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, 30, 'silence'))])).toBe('silence');
  });

  it('compaction makes pages and watches that go on from before expire', async () => {
    const { api, send, set, watch } = await setup(way);
    await send('POST', path, { metadata: { name: 'b' } });
    const page = await wire(send('GET', `${path}?limit=1`));
    await set(1);
    api.server.compact();
    expect((await send('GET', `${path}?limit=1&continue=${page.metadata.continue}`)).status).toBe(410);
    expect(await (await watch(`&resourceVersion=${page.metadata.resourceVersion}`))()).toBe('ERROR 410');
  });

  it('a token that was rotated is nobody', async () => {
    const { api, send } = await setup(way);
    const old = api.server.adminToken;
    expect(api.server.rotateToken()).not.toBe(old);
    expect((await send('GET', path)).status).toBe(200);
    expect((await api.as(old).raw('GET', path)).status).toBe(401);
  });
});

describe('a match', () => {
  const got = async (setup_: Awaited<ReturnType<typeof setup>>, times: number, at = path): Promise<string> => {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push((await setup_.send('GET', at)).status);
    return all.join(' ');
  };

  it('skips, counts, and ends by itself', async () => {
    const world = await setup('memory');
    world.fault({ after: 1, times: 2 }, { status: 500 });
    expect(await got(world, 4)).toBe('200 500 500 200');
    world.fault({ lasts: '10s' }, { status: 503 });
    expect(await got(world, 2)).toBe('503 503');
    await world.clock.sleep(10_000);
    expect(await got(world, 1)).toBe('200');
  });

  it('is by verb, path, user and agent', async () => {
    const world = await setup('memory');
    world.fault({ verb: 'list', path: /configmaps/g, user: 'admin', agent: /^test/ }, { status: 500 });
    expect(await got(world, 2)).toBe('500 500');
    expect(await got(world, 1, `${path}/a`)).toBe('200');
    const token = world.api.server.addUser('ann', [{ verbs: ['*'], resources: ['*'] }]);
    expect((await world.api.as(token).raw('GET', path)).status).toBe(200);
    expect((await world.send('GET', path, undefined, { agent: 'helm/4' })).status).toBe(200);
  });

  it('by chance, the same for the same seed', async () => {
    const one = await setup('memory');
    const other = await setup('memory');
    for (const world of [one, other]) world.fault({ chance: 0.5 }, { status: 500 });
    const found = await got(one, 40);
    expect(found).toBe(await got(other, 40));
    expect(found.match(/500/g)?.length).toBeGreaterThan(8);
    expect(found.match(/200/g)?.length).toBeGreaterThan(8);
  });

  it('that means nothing is refused', async () => {
    const { fault } = await setup('memory');
    expect(() => fault({ chance: 2 }, 'hang')).toThrow(RangeError);
    expect(() => fault({ times: -1 }, 'hang')).toThrow(RangeError);
    expect(() => fault({}, { status: 200 })).toThrow(RangeError);
    expect(() => fault({}, { delayMs: Number.NaN })).toThrow(RangeError);
  });
});
