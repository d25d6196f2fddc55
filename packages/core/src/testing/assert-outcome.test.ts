import { expect, test } from 'vitest';
import { Shepherd } from '../shepherd.js';
import { assertOutcome } from './assert-outcome.js';
import { createMemoryPlatform } from './memory/memory-platform.js';

async function deploy(version: string) {
  await using shepherd = new Shepherd({
    platform: createMemoryPlatform({ versions: { doomed: { doomed: 'ImagePullBackOff' }, sick: { reply: () => ({ status: 503, text: 'no database' }) } } }),
  });
  return await shepherd.deploy({ app: 'web', release: { version } }).outcome;
}

test('the kind that was expected narrows', async () => {
  const outcome = await deploy('2.0.0');
  assertOutcome(outcome, 'succeeded');
  expect(outcome.changed).toBe(true);
});

test('another kind says the outcome, its cause and the evidence', async () => {
  const doomed = await deploy('doomed');
  expect(() => assertOutcome(doomed, 'succeeded')).toThrow(
    /expected the outcome succeeded, got rolled-back[\s\S]*ImagePullBackOff[\s\S]*ERR_POD_DOOMED[\s\S]*"state": "ImagePullBackOff"/,
  );
  const sick = await deploy('sick');
  expect(() => assertOutcome(sick, 'succeeded')).toThrow(/got rolled-back[\s\S]*\(verify\) was judged fail[\s\S]*503/);
  expect(() => assertOutcome(sick, 'rolled-back')).not.toThrow();
  const refused = await deploy('');
  expect(() => assertOutcome(refused, 'succeeded')).toThrow(/got failed-untouched[\s\S]*ERR_INVALID_OPTIONS/);
  expect(() => assertOutcome(undefined, 'succeeded')).toThrow('expected the outcome succeeded, got none');
});
