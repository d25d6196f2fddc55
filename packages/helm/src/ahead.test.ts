import type { Clock, WriteContext } from '@shepherd/core';
import { expect, test } from 'vitest';
import { Ahead } from './ahead.js';
import type { Ran } from './binary/run.js';

const ran: Ran = { code: 0, signal: null, stdout: '', stderr: '' };

function setUp() {
  const sleeps: (() => void)[] = [];
  let stillAsleep = 0;
  const sleep: Clock['sleep'] = (_, signal) =>
    new Promise((resolve, reject) => {
      stillAsleep += 1;
      sleeps.push(resolve);
      signal?.addEventListener('abort', () => {
        stillAsleep -= 1;
        reject(signal.reason);
      });
    });
  const app = { cluster: 'default', namespace: 'shop', name: 'web' };
  const clock = { sleep } as Clock;
  const context: WriteContext = { app, rolloutId: 'r1', fence: 1, signal: new AbortController().signal, clock };
  const writes: string[] = [];
  const ahead = new Ahead<string>();
  let end: (error?: Error) => void = () => undefined;
  const begin = (): void =>
    ahead.begin(context, 'web', {
      look: async () => 'seen',
      run: ({ signal }, until) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          end = (error) => (error === undefined ? resolve(ran) : reject(error));
          until.then(
            () => {
              writes.push('written');
              resolve(ran);
            },
            () => writes.push('refused'),
          );
        }),
    });
  return { ahead, begin, writes, wake: () => sleeps.at(-1)?.(), asleep: () => stillAsleep, end: (error?: Error) => end(error) };
}

/** All that has been promised has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('writes when it goes, and not before', async () => {
  const { ahead, begin, writes, asleep } = setUp();
  begin();
  await settled();
  const begun = ahead.take('web');
  expect([await begun?.seen, writes]).toEqual(['seen', []]);
  expect(await begun?.go()).toBe(ran);
  expect([writes, asleep()]).toEqual([['written'], 0]);
});

test('what is dropped, replaced, closed or kept for too long never writes', async () => {
  const { ahead, begin, writes, wake } = setUp();
  begin();
  begin();
  await settled();
  expect(writes).toEqual(['refused']);
  ahead.take('web')?.drop();
  await settled();
  expect(writes).toEqual(['refused', 'refused']);
  begin();
  ahead.close();
  await settled();
  expect(writes).toHaveLength(3);
  begin();
  wake();
  await settled();
  expect([writes, ahead.take('web')]).toEqual([['refused', 'refused', 'refused', 'refused'], undefined]);
});

test('what ended by itself is not kept for longer: what it saw is of a while ago', async () => {
  const { ahead, begin, end, wake } = setUp();
  begin();
  end();
  await settled();
  wake();
  await settled();
  expect(ahead.take('web')).toBeUndefined();
});

test('what ended by itself did not go', async () => {
  const { ahead, begin, writes, end, asleep } = setUp();
  begin();
  const begun = ahead.take('web');
  end(new Error('helm cannot be started'));
  await settled();
  expect([await begun?.go(), writes, asleep()]).toEqual([undefined, [], 0]);
});
