import { assertOutcome } from '@shepherd/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { image, installWeb, type Lab, newVersion, openLab, type RolledOut, releaseOf, rollOut, strategyNames, strategyOf } from '../../bench/src/lab/index.js';
import { abortWhileWatching } from '../../bench/src/traffic/abort-while-watching.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';

const replicas = 6;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

async function release(prefix: string, options: Omit<Parameters<typeof rollOut>[0], 'lab' | 'namespace' | 'url'>, after: string): Promise<RolledOut> {
  const namespace = await lab.namespace(prefix);
  const { url } = await installWeb(lab, namespace, { replicas });
  const run = await rollOut({ lab, namespace, url, ...options });
  expectNoLoss(run.traffic);
  const { peakPods: planned = 0 } = run.plan?.estimate ?? {};
  expect(run.pods.peak).toBeLessThanOrEqual(planned);
  expect(run.pods.peakWanted).toBeLessThanOrEqual(planned);
  await expectClean(lab, namespace, { image: image(after), replicas });
  await lab.drop(namespace);
  return run;
}

describe.each(strategyNames)('%s', (name) => {
  test('a good release succeeds', async () => {
    const { outcome, traffic, events } = await release(name, { request: { strategy: strategyOf(name), release: releaseOf('good') } }, newVersion);
    assertOutcome(outcome, 'succeeded');
    expect(outcome.changed).toBe(true);
    expect(traffic.fresh.answers.at(-1)?.version).toBe(newVersion);
    expect(events.filter(({ transient }) => !transient).map(({ sequence }) => sequence)).toEqual(
      events.filter(({ transient }) => !transient).map((_, index) => index + 1),
    );
  });

  test.each([
    ['a release that crashes', 'crash', 'CrashLoopBackOff'],
    ['an image that cannot be pulled', 'unpullable', /ErrImagePull|ImagePullBackOff/],
  ] as const)('%s is recognised early and taken back', async (_, bad, state) => {
    const { outcome, recognisedSeconds, traffic } = await release(name, { request: { strategy: strategyOf(name), release: releaseOf(bad) } }, '1.0.0');
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED', facts: { state: expect.stringMatching(state) } } });
    // Long before the deadline of 600 s; how early exactly is the bench's to say.
    expect(recognisedSeconds).toBeLessThan(20);
    expect(Object.keys(traffic.fresh.byVersion)).toEqual(['1.0.0']);
  });

  test('a release that is ready but not well is taken back', async () => {
    const { outcome, traffic } = await release(name, { request: { strategy: strategyOf(name), release: releaseOf('sick') } }, '1.0.0');
    assertOutcome(outcome, 'rolled-back');
    expect(outcome.cause).toMatchObject({ kind: 'verdict', verdict: { kind: 'fail', reason: expect.stringContaining('503') } });
    expect(traffic.fresh.answers.at(-1)?.version).toBe('1.0.0');
    // Smoke tests come before the switch, so that nobody ever met it.
    if (name === 'blue-green') expect(Object.keys(traffic.fresh.byVersion)).toEqual(['1.0.0']);
  });
});

test.each(['blue-green', 'canary'] as const)('%s is taken back by a person while it watches, in the grace or the first stage', async (name) => {
  const request = { strategy: strategyOf(name, '60s'), release: releaseOf('good') };
  const { outcome, traffic } = await release(`abort-${name}`, { request, meanwhile: (rollout) => abortWhileWatching(rollout) }, '1.0.0');
  assertOutcome(outcome, 'rolled-back');
  expect(outcome.cause).toMatchObject({ kind: 'abort', reason: 'taken back by a person' });
  expect(Object.keys(traffic.fresh.byVersion).toSorted()).toEqual(['1.0.0', newVersion]);
  expect(traffic.fresh.answers.at(-1)?.version).toBe('1.0.0');
});
