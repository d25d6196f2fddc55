import { expect, test } from 'vitest';
import { BlueGreen, formatOutcome, Shepherd, ShepherdError } from '../index.js';
import { createMemoryPlatform } from '../testing/index.js';

const lost = new ShepherdError('ERR_UNREACHABLE', 'no answer', { facts: { what: 'platform', reason: 'reset' }, remedy: 'again', retryable: true });

test.each([1, 2, 7])('save %i of the journal whose answer is lost is a write: the rollout goes on, and is not called untouched', async (which) => {
  let saves = 0;
  const platform = createMemoryPlatform({
    onCall({ name }, when) {
      if (name === 'journal.save' && when === 'after' && ++saves === which) throw lost;
    },
  });
  const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version: '1.1.0' }, strategy: new BlueGreen({ soak: '1s' }) }).outcome;
  expect(outcome.kind, formatOutcome(outcome)).toBe('succeeded');
  expect(saves).toBeGreaterThan(which);
});

test('a journal that is gone for good before the first act: nothing was touched', async () => {
  const platform = createMemoryPlatform({
    onCall({ name }) {
      if (name.startsWith('journal.save')) throw lost;
    },
  });
  const outcome = await new Shepherd({ platform }).deploy({ app: 'web', release: { version: '1.1.0' } }).outcome;
  expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_UNREACHABLE' } });
  expect(platform.app().stable?.version).toBe('1.0.0');
});
