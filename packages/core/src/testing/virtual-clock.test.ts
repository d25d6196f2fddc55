import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

test('a manual clock stands still until it is moved', async () => {
  const clock = new VirtualClock({ start: new Date('2030-05-01T10:00:00Z') });
  let woke = false;
  const sleep = clock.sleep(1_000).then(() => (woke = true));
  await clock.advance('999ms');
  expect([woke, clock.monotonicMs(), clock.sleeping]).toEqual([false, 999, 1]);
  await clock.advance('1ms');
  await sleep;
  expect([woke, clock.now().toISOString(), clock.sleeping]).toEqual([true, '2030-05-01T10:00:01.000Z', 0]);
});

test('code that sleeps again inside the window fires too, at the right instants', async () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  void (async () => {
    for (;;) {
      await clock.sleep(400);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      at.push(clock.monotonicMs());
    }
  })();
  await Promise.all([clock.advance('1s'), clock.advance('1s')]);
  expect(at).toEqual([400, 800, 1_200, 1_600, 2_000]);
});

test('sleepers fire by time, then by order of request, whatever was asked and taken back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ ms: fc.integer({ min: -5, max: 30 }), abort: fc.boolean() }), { maxLength: 40 }),
      fc.boolean(),
      async (asked, auto) => {
        const clock = new VirtualClock({ auto });
        const fired: { index: number; at: number }[] = [];
        const sleeps = asked.map(({ ms, abort }, index) => {
          const aborter = new AbortController();
          const done = clock.sleep(ms, aborter.signal).then(
            () => void fired.push({ index, at: clock.monotonicMs() }),
            (reason: unknown) => expect(reason).toBe(`no ${index}`),
          );
          return { done, abort: () => abort && aborter.abort(`no ${index}`) };
        });
        for (const { abort } of sleeps) abort();
        expect(clock.sleeping).toBe(asked.filter(({ abort }) => !abort).length);
        await clock.advance('30ms');
        await Promise.all(sleeps.map(({ done }) => done));
        const expected = asked
          .map(({ ms, abort }, index) => ({ index, at: Math.max(0, ms), abort }))
          .filter(({ abort }) => !abort)
          .toSorted((a, b) => a.at - b.at || a.index - b.index);
        expect(fired).toEqual(expected.map(({ index, at }) => ({ index, at })));
        expect(clock.sleeping).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test('an abort rejects with the reason at once, for all that sleep by this signal', async () => {
  const clock = new VirtualClock({ auto: true });
  const aborter = new AbortController();
  const reason = new Error('stop');
  const sleeps = [1, 2, 3].map(() => clock.sleep(Number.POSITIVE_INFINITY, aborter.signal));
  aborter.abort(reason);
  expect((await Promise.allSettled(sleeps)).map((s) => s.status === 'rejected' && s.reason)).toEqual([reason, reason, reason]);
  await expect(clock.sleep(1, aborter.signal)).rejects.toBe(reason);
  await expect(clock.sleep(Number.NaN)).rejects.toThrow(RangeError);
  expect([clock.sleeping, clock.monotonicMs()]).toEqual([0, 0]);
});

test('an auto clock lets HTTP on loopback finish before it jumps', async () => {
  const clock = new VirtualClock({ auto: true });
  const server = createServer((request, response) => {
    if (request.url === '/at-once') return void response.end();
    void clock.sleep(request.url === '/slow' ? 50 : 5).then(() => response.end('x'.repeat(10_000)));
  });
  await clock.busy(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The first request of a process compiles fetch's parser on a thread of V8, which no turn of the loop shows.
  await clock.busy(fetch(`${url}/at-once`).then((answer) => answer.text()));
  const deadline = clock.sleep(1_000);
  for (let i = 0; i < 20; i++) await (await fetch(`${url}/fast`)).text();
  expect(clock.monotonicMs()).toBe(100);
  await (await fetch(`${url}/slow`)).text();
  expect(clock.monotonicMs()).toBe(150);
  await deadline;
  expect(clock.monotonicMs()).toBe(1_000);
  server.close();
  server.closeAllConnections();
});

test('an auto clock lets files be read before it jumps', async () => {
  const clock = new VirtualClock({ auto: true });
  const deadline = clock.sleep(1_000);
  for (let i = 0; i < 50; i++) await readFile(new URL(import.meta.url));
  expect(clock.monotonicMs()).toBe(0);
  await deadline;
});

test('time stands still while work given to busy is under way', async () => {
  const clock = new VirtualClock({ auto: true });
  const sleep = clock.sleep(10);
  const during = await clock.busy(new Promise<number>((resolve) => setTimeout(() => resolve(clock.monotonicMs()), 20)));
  expect(during).toBe(0);
  await sleep;
  expect(clock.monotonicMs()).toBe(10);
  await expect(clock.busy(Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  await clock.sleep(10);
});

test('a disposed clock jumps no more', async () => {
  const clock = new VirtualClock({ auto: true });
  let rounds = 0;
  void (async () => {
    for (;;) {
      await clock.sleep(1);
      rounds += 1;
    }
  })();
  await clock.sleep(5);
  clock[Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  const seen = rounds;
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(rounds).toBe(seen);
});

test('many sleeps are cheap: one after another, and together on one signal', { timeout: 30_000 }, async () => {
  const clock = new VirtualClock({ auto: true });
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 100_000 }, (_, i) => clock.sleep(i % 1_000, signal)));
  expect(clock.monotonicMs()).toBe(999);
  for (let i = 0; i < 20_000; i++) await clock.sleep(1, signal);
  expect(clock.monotonicMs()).toBe(20_999);
});
