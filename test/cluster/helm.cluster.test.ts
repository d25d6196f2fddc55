import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Outcome, Shepherd, systemClock } from '@shepherd/core';
import { pods } from '@shepherd/core/checks';
import { assertOutcome } from '@shepherd/core/testing';
import type { ChartRelease } from '@shepherd/helm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, openLab, underLoad, untilServing } from '../../bench/src/lab/index.js';
import { leaseMs, platformOf, releaseOf, replicas, requestOf, strategies } from './chart-order.js';
import { expectNoLoss } from './expect-no-loss.js';
import { killHelm, killShepherd } from './killed-helm.js';

/** Of each of the two loads: 200 requests/s together. */
const rate = 100;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

interface HelmLine {
  readonly status: string;
  readonly description: string;
}

async function historyBy(binary: string, namespace: string): Promise<readonly HelmLine[]> {
  const child = spawn(binary, ['history', 'shepherd', '-n', namespace, '-o', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  await once(child, 'close');
  return JSON.parse(text) as readonly HelmLine[];
}

describe.each(['helm', 'helm4'])('%s', (binary) => {
  test('every way of a chart there and back, also where helm or its driver is killed: no request is lost', async () => {
    const namespace = await lab.namespace(binary);
    const platform = platformOf(namespace, binary);
    await using shepherd = new Shepherd({ platform });
    const deploy = (tag: string, config = {}, more: object = {}): Promise<Outcome> =>
      shepherd.deploy({ ...requestOf(releaseOf(tag, config)), ...more }).outcome;
    const history = (): Promise<readonly HelmLine[]> => historyBy(binary, namespace);
    const image = async (): Promise<string> => {
      const { spec } = await lab.read(`/apis/apps/v1/namespaces/${namespace}/deployments/shepherd`);
      return spec.template.spec.containers[0].image;
    };
    /** Serves as it should, nothing is left beside it, helm has finished all. */
    const expectTidy = async (tag: string): Promise<void> => {
      const [deployments, configMaps, service] = await Promise.all([
        lab.read(`/apis/apps/v1/namespaces/${namespace}/deployments`),
        lab.read(`/api/v1/namespaces/${namespace}/configmaps?labelSelector=shepherd.dev%2Ftrack%3Dcandidate`),
        lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`),
      ]);
      expect(deployments['items'].map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual(['shepherd']);
      expect(configMaps['items']).toEqual([]);
      expect(service['spec'].selector).toEqual({ 'app.kubernetes.io/name': 'shepherd', 'app.kubernetes.io/instance': 'shepherd' });
      expect(deployments['items'][0].spec.replicas).toBe(replicas);
      expect(await image()).toBe(`shepherd.test/app:${tag}`);
      const states = (await history()).map(({ status }) => status);
      expect([states.at(-1), states.filter((status) => status.startsWith('pending'))]).toEqual(['deployed', []]);
    };

    assertOutcome(await deploy('1.0.0'), 'succeeded');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);

    const { traffic } = await underLoad(
      url,
      async () => {
        assertOutcome(await deploy('1.1.0'), 'succeeded');
        const bad = await deploy('3.0.0-none');
        assertOutcome(bad, 'rolled-back');
        expect(bad.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED' } });
        expect((await history()).at(-1)).toMatchObject({ status: 'deployed', description: 'Rollback to 2' });

        assertOutcome(await shepherd.rollback({ app: 'shepherd', to: '#1' }).outcome, 'succeeded');
        expect((await history()).at(-1)).toMatchObject({ status: 'deployed', description: 'Rollback to 1' });
        await expectTidy('1.0.0');

        await overTwoBad();
        await expectTidy('1.1.0');

        const rollout = shepherd.deploy(requestOf(releaseOf('1.2.0')));
        let ended = false;
        const killed = rollout.outcome.finally(() => (ended = true));
        expect(await killHelm(lab, namespace, () => ended)).toBe(true);
        const outcome = await killed;
        assertOutcome(outcome, 'rolled-back');
        expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_TOOL_FAILED', facts: { signal: 'SIGKILL' } } });
        await expectTidy('1.1.0');

        await killShepherd(lab, { namespace, binary, tag: '1.2.0' });
        expect((await history()).at(-1)?.status).toBe('pending-upgrade');
        assertOutcome(await goOn(), 'succeeded');
        await expectTidy('1.2.0');
      },
      { rate },
    );
    expectNoLoss(traffic);
    expect(traffic.fresh.answers.at(-1)?.version).toBe('1.2.0');
    await platform[Symbol.asyncDispose]?.();
    await lab.drop(namespace);

    /** Two revisions that went well when they were released and fall ill soon after: the way back leads over both. */
    async function overTwoBad(): Promise<void> {
      const only = { checks: [pods({})] };
      assertOutcome(await deploy('1.1.0'), 'succeeded');
      assertOutcome(await deploy('1.2.0', { SICK_AFTER_MS: '1' }, only), 'succeeded');
      assertOutcome(await deploy('2.0.0', { SICK_AFTER_MS: '1' }, only), 'succeeded');
      assertOutcome(await deploy('3.0.0'), 'succeeded');
      const back = shepherd.rollback({ app: 'shepherd', reason: 'cascade' });
      const outcome = await back.outcome;
      assertOutcome(outcome, 'succeeded');
      const tried = (await history()).slice(-3).map(({ description }) => description);
      expect(new Set(tried).size).toBe(3);
      for (const each of tried) expect(each).toMatch(/^Rollback to \d+$/);
    }

    /** Another process takes up what the dead one left, as soon as its lease is over. */
    async function goOn(): Promise<Outcome> {
      const other = platformOf(namespace, binary, { leaseMs });
      await using next = new Shepherd({ platform: other });
      for (;;) {
        for await (const rollout of next.recover({ namespaces: [namespace] })) return await rollout.outcome;
        await systemClock.sleep(500);
      }
    }
  }, 600_000);

  test('blue/green and canary, good and bad, with settings that change: no request is lost', async () => {
    const namespace = await lab.namespace(`${binary}-beside`);
    const platform = platformOf(namespace, binary);
    await using shepherd = new Shepherd({ platform });
    const deploy = (release: ChartRelease, strategy: keyof typeof strategies): Promise<Outcome> =>
      shepherd.deploy(requestOf(release, strategies[strategy])).outcome;
    assertOutcome(await deploy(releaseOf('1.0.0'), 'rolling'), 'succeeded');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);
    const { traffic } = await underLoad(
      url,
      async () => {
        assertOutcome(await deploy(releaseOf('1.1.0', { WORD: 'one' }), 'blue-green'), 'succeeded');
        assertOutcome(await deploy(releaseOf('1.2.0', { WORD: 'two' }), 'canary'), 'succeeded');
        for (const strategy of ['blue-green', 'canary'] as const)
          assertOutcome(await deploy(releaseOf('3.0.0-none', { WORD: strategy }), strategy), 'rolled-back');
      },
      { rate },
    );
    expectNoLoss(traffic);
    expect(traffic.fresh.answers.at(-1)?.version).toBe('1.2.0');
    expect((await historyBy(binary, namespace)).map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed']);
    const left = await lab.read(`/api/v1/namespaces/${namespace}/configmaps?labelSelector=shepherd.dev%2Ftrack%3Dcandidate`);
    expect(left['items']).toEqual([]);
    await platform[Symbol.asyncDispose]?.();
    await lab.drop(namespace);
  }, 600_000);
});
