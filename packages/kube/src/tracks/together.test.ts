import { expect, test } from 'vitest';
import { together } from './together.js';

/** A list that changes when told. */
function source<T>(): { push(value: readonly T[]): void; fail(error: unknown): void; end(): void; values: AsyncIterable<readonly T[]> } {
  const queue: (() => readonly T[] | undefined)[] = [];
  let wake: () => void = () => undefined;
  const add = (take: () => readonly T[] | undefined): void => {
    queue.push(take);
    wake();
  };
  return {
    push: (value) => add(() => value),
    fail: (error) =>
      add(() => {
        throw error;
      }),
    end: () => add(() => undefined),
    values: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          const value = queue.shift()?.();
          if (value === undefined) return;
          yield value;
        }
      },
    },
  };
}

test('yields once all lists have come, and again after each change', async () => {
  const [a, b] = [source<number>(), source<string>()];
  const both = together<{ a: readonly number[]; b: readonly string[] }>({ a: a.values, b: b.values }, new AbortController().signal);
  const first = both.next();
  a.push([1]);
  b.push(['x']);
  expect((await first).value).toEqual({ a: [1], b: ['x'] });
  const second = both.next();
  b.push(['y']);
  expect((await second).value).toEqual({ a: [1], b: ['y'] });
  const end = both.next();
  a.end();
  b.end();
  expect((await end).done).toBe(true);
});

test('ends quietly when the signal aborts', async () => {
  const stop = new AbortController();
  const both = together({ a: source<number>().values }, stop.signal);
  const next = both.next();
  stop.abort();
  expect((await next).done).toBe(true);
});

test('throws what one of the lists throws', async () => {
  const a = source<number>();
  const both = together({ a: a.values, b: source<number>().values }, new AbortController().signal);
  const next = both.next();
  a.fail(new Error('403'));
  await expect(next).rejects.toThrow('403');
});
