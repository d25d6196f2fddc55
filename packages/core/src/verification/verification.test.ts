import { expect, test } from 'vitest';
import { http, pods } from '../checks/index.js';
import { defineCheck, fail, Shepherd } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';
import { baseline, verify } from './index.js';

/** A platform that keeps baselines, and one that can be looked into. */
function setUp() {
  const platform = createMemoryPlatform({ replicas: 3 });
  const kept = new Map<string, unknown>();
  const baselines = { read: async () => Object.fromEntries(kept), write: async (_: unknown, hash: string, value: object) => void kept.set(hash, value) };
  const sick = defineCheck<object>({ use: 'acme/sick', describe: () => 'it is not sick', run: async () => fail('it coughs') });
  const broken = defineCheck<object>({ use: 'acme/broken', run: async () => Promise.reject(new Error('no thermometer')) });
  const shepherd = new Shepherd({ platform: { ...platform, baselines }, extensions: [sick, broken] });
  return { platform, kept, shepherd, sick, broken };
}

test('all checks are run whatever one comes to, registered ones too; a throw is an error; nothing is written', async () => {
  const { platform, shepherd, sick, broken } = setUp();
  const all = await verify(shepherd, 'web', { checks: [pods({}), sick({}), broken({}), http({ path: '/nope', text: 'x' })] });
  expect(all.passed).toBe(false);
  expect(all.checks.map(({ use, verdict }) => `${use} ${verdict}`)).toEqual([
    'shepherd/pods pass',
    'acme/sick fail',
    'acme/broken error',
    'shepherd/http fail',
  ]);
  expect(all.checks[1]).toMatchObject({ text: 'it is not sick', says: 'it coughs' });
  expect(all.checks[2]?.says).toContain('no thermometer');
  expect(all.pods).toHaveLength(3);
  expect(platform.calls.filter(({ writes }) => writes)).toEqual([]);
  expect((await verify(shepherd, 'web')).passed).toBe(true);
});

test('a load is kept by revision, and the next revision is held against it', async () => {
  const { platform, kept, shepherd } = setUp();
  let takes = 20;
  const send = async (): Promise<boolean> => {
    await platform.clock.sleep(takes);
    return true;
  };
  const first = await baseline(shepherd, 'web', { requests: 100, concurrency: 10, send });
  expect(first.now).toMatchObject({ requests: 100, concurrency: 10, failed: 0, p50: 20, p99: 20, requestsPerSecond: 500, via: 'url' });
  expect(first.compared).toBeUndefined();
  expect([...kept.keys()]).toEqual([first.now.hash]);
  expect((await baseline(shepherd, 'web', { requests: 10, send })).compared).toBeUndefined();
  await shepherd.deploy({ app: 'web', release: { version: '1.1.0' } }).outcome;
  takes = 80;
  const second = await baseline(shepherd, 'web', { requests: 100, send });
  expect(second.compared).toMatchObject({
    verdict: 'fail',
    before: { hash: first.now.hash },
    says: expect.arrayContaining([expect.stringContaining('P95 rose from 20 to 80 ms')]),
  });
  expect(kept.size).toBe(2);
  // What was asked in another way is no measure.
  expect((await baseline(shepherd, 'web', { requests: 10 })).compared).toBeUndefined();
});

test('a request without an answer failed, and so did a status of 500', async () => {
  const { shepherd } = setUp();
  let sent = 0;
  const send = async (): Promise<boolean> => {
    sent += 1;
    if (sent % 4 === 0) throw new Error('reset');
    return sent % 2 === 1;
  };
  expect((await baseline(shepherd, 'web', { requests: 40, concurrency: 1, send })).now).toMatchObject({ requests: 40, failed: 20 });
});

test.each([{ requests: 0 }, { requests: 1.5 }, { concurrency: 0 }, { concurrency: 1_001 }])('%j is refused', async (options) => {
  await expect(baseline(setUp().shepherd, 'web', options)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' });
});

test('an abort ends the load', async () => {
  const { platform, shepherd, kept } = setUp();
  const stop = new AbortController();
  let sent = 0;
  const send = async (): Promise<boolean> => {
    sent += 1;
    if (sent === 5) stop.abort(new Error('enough'));
    await platform.clock.sleep(1);
    return true;
  };
  await expect(baseline(shepherd, 'web', { requests: 1_000, concurrency: 2, send, signal: stop.signal })).rejects.toThrow('enough');
  expect(sent).toBeLessThan(10);
  expect(kept.size).toBe(0);
});
