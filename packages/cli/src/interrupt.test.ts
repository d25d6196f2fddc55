import { expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { withInterrupt } from './interrupt.js';

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')), { once: true }));

test('work that a signal ends comes to the code of the signal', async () => {
  const io = new FakeIo();
  const done = withInterrupt(io, ({ abortSignal }) => aborted(abortSignal));
  io.signal('SIGTERM');
  expect(await done).toBe(143);
});

test('an error is an error where no signal came, and where the signal did not give the work up', async () => {
  const io = new FakeIo();
  await expect(withInterrupt(io, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(
    withInterrupt(io, async (interrupt) => {
      interrupt.meaning(() => undefined);
      io.signal('SIGINT');
      throw new Error('broken too');
    }),
  ).rejects.toThrow('broken too');
});

test('nothing listens afterwards', async () => {
  const io = new FakeIo();
  expect(await withInterrupt(io, async () => 0)).toBe(0);
  io.signal('SIGINT');
  io.signal('SIGINT');
  expect(io.exited).toBeUndefined();
});
