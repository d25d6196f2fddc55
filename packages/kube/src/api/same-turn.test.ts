import { expect, test } from 'vitest';
import { SameTurn } from './same-turn.js';

const counting = (): { readonly reads: () => number; readonly read: () => Promise<number> } => {
  let count = 0;
  return { reads: () => count, read: async () => (count += 1) };
};

test('reads of one turn are one; a later one is its own, however soon', async () => {
  const turn = new SameTurn();
  const { reads, read } = counting();
  const { signal } = new AbortController();
  expect(await Promise.all([turn.read('/a', signal, read), turn.read('/a', signal, read)])).toEqual([1, 1]);
  await Promise.resolve();
  expect(await turn.read('/a', signal, read)).toBe(2);
  expect(reads()).toBe(2);
});

test('a write in between is seen by the read behind it', async () => {
  const turn = new SameTurn();
  let value = 'before';
  const read = async (): Promise<string> => value;
  const first = turn.read('/a', undefined, read);
  await Promise.resolve().then(() => (value = 'after'));
  expect([await first, await turn.read('/a', undefined, read)]).toEqual(['before', 'after']);
});

test('other paths and other signals are apart', async () => {
  const turn = new SameTurn();
  const { reads, read } = counting();
  const [a, b] = [new AbortController().signal, new AbortController().signal];
  await Promise.all([turn.read('/a', a, read), turn.read('/a', b, read), turn.read('/b', a, read)]);
  expect(reads()).toBe(3);
});
