import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Outcome, RollingUpdate, Shepherd, systemClock } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { type ChartRelease, helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks, type Lab, openLab, underLoad, untilServing } from '../../bench/src/lab/index.js';
import { expectNoLoss } from './expect-no-loss.js';

const chart = fileURLToPath(new URL('../../examples/guide/helm/shepherd', import.meta.url));
/** The guide's chart with the app of the cluster: it serves on for 4 s after SIGTERM, its probe asks what its health does not change. */
const base = {
  image: { repository: 'shepherd.test/app' },
  replicaCount: 4,
  port: 8080,
  probe: { path: '/metrics' },
  drains: true,
  config: { DRAIN_MS: '4000' },
  // Without limits: a kubelet 1.34 without cgroups of its own panics when it looks at them (doPodResizeAction).
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: null },
};
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

async function helmJson<T>(binary: string, namespace: string, ...args: readonly string[]): Promise<T> {
  const child = spawn(binary, [...args, '-n', namespace, '-o', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  await once(child, 'close');
  return JSON.parse(text) as T;
}

describe.each(['helm', 'helm4'])('%s', (binary) => {
  test('install, a good and a bad upgrade, back to a revision, and a release that a killed helm left: no request is lost', async () => {
    const namespace = await lab.namespace(binary);
    const platform = helm(kubernetes({ namespace, app: { checks } }), { binary });
    await using shepherd = new Shepherd({ platform });
    const release = (tag: string): ChartRelease => ({ chart, values: [base, { image: { tag } }] });
    const deploy = (tag: string): Promise<Outcome> =>
      shepherd.deploy({ app: 'shepherd', release: release(tag), strategy: new RollingUpdate(), drain: '3s' }).outcome;
    const history = (): Promise<readonly HelmLine[]> => helmJson(binary, namespace, 'history', 'shepherd');

    assertOutcome(await deploy('1.0.0'), 'succeeded');
    const service = await lab.read(`/api/v1/namespaces/${namespace}/services/shepherd`);
    const url = `http://${service['spec'].clusterIP}`;
    await untilServing(url);

    const { traffic } = await underLoad(
      url,
      async () => {
        assertOutcome(await deploy('1.1.0'), 'succeeded');
        const [first] = (await platform.releases.list(context())).toReversed();

        const bad = await deploy('3.0.0-none');
        assertOutcome(bad, 'rolled-back');
        expect(bad.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED' } });
        expect((await history()).at(-1)).toMatchObject({ status: 'deployed', description: 'Rollback to 2' });

        assertOutcome(await shepherd.rollback({ app: 'shepherd', to: first?.hash ?? '' }).outcome, 'succeeded');
        expect((await history()).at(-1)).toMatchObject({ status: 'deployed', description: 'Rollback to 1' });

        await leftByKilledHelm();
        assertOutcome(await deploy('1.1.0'), 'succeeded');
        const states = (await history()).map(({ status }) => status);
        expect([states.at(-1), states.filter((status) => status.startsWith('pending'))]).toEqual(['deployed', []]);
      },
      { rate },
    );
    expectNoLoss(traffic);
    expect(traffic.fresh.answers.at(-1)?.version).toBe('1.1.0');
    await platform[Symbol.asyncDispose]?.();
    await lab.drop(namespace);

    function context() {
      return { app: { cluster: 'kubernetes', namespace, name: 'shepherd' }, rolloutId: undefined, signal: new AbortController().signal, clock: systemClock };
    }

    /** A holder of the lock that dies in the middle of `helm upgrade`, and its helm with it. */
    async function leftByKilledHelm(): Promise<void> {
      const holder = { ...context(), rolloutId: 'killed' };
      const lease = await platform.lock.acquire(holder, 'killed');
      if (!('fence' in lease)) throw new Error(`the lock is held by ${lease.heldBy}`);
      const life = new AbortController();
      const dying = platform.releases.apply({ ...holder, signal: life.signal, fence: lease.fence }, release('1.1.0'), { track: 'stable', replicas: 4 });
      const ended = dying.then(
        () => 'helm was faster than its killer',
        () => 'killed',
      );
      const unfinished = `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm%2Cstatus%3Dpending-upgrade`;
      for (let seen = false; !seen; ) {
        const { items } = await lab.read<{ readonly items: readonly object[] }>(unfinished);
        seen = items.length > 0;
        if (seen) life.abort();
        else if ((await Promise.race([ended, Promise.resolve('')])) !== '') break;
      }
      expect(await ended).toBe('killed');
      expect((await history()).at(-1)?.status).toBe('pending-upgrade');
      await lease.release();
    }
  }, 300_000);
});
