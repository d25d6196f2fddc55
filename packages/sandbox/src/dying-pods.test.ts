import { expect, test } from 'vitest';
import type { Behaviour } from './pods/behaviour.js';
import { createSandbox, type Sandbox } from './sandbox.js';

async function shop(behaviour: Behaviour = {}, options: { replicas?: number; seed?: number } = {}): Promise<Sandbox> {
  const sandbox = await createSandbox({ seed: options.seed });
  sandbox.image('web:1', behaviour);
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'web:1', replicas: options.replicas ?? 3 });
  return sandbox;
}

const sleep = (sandbox: Sandbox, ms: number): Promise<void> => sandbox.connection.clock.sleep(ms);
const statusOf = (sandbox: Sandbox, name: string) => sandbox.objects.get('pods', 'shop', name)?.status.containerStatuses[0];
const readyPods = (sandbox: Sandbox): number =>
  sandbox.objects.list('pods', 'shop').filter(({ status }) => status.containerStatuses?.[0]?.ready === true).length;

test('a killed program ends with 137 at once and is restarted; requests are lost only until the Service has let its pod go', async () => {
  await using sandbox = await shop();
  const load = sandbox.load('shop/web', { rate: 300 });
  await sleep(sandbox, 1_000);
  const [pod = ''] = sandbox.kill({ app: 'shop/web' });
  await sleep(sandbox, 10);
  expect(statusOf(sandbox, pod)).toMatchObject({ ready: false, restartCount: 0, state: { terminated: { exitCode: 137, reason: 'Error' } } });
  await sleep(sandbox, 5_000);
  expect(statusOf(sandbox, pod)).toMatchObject({ ready: true, restartCount: 1, lastState: { terminated: { exitCode: 137 } } });
  const { failed, requests } = await load.stop();
  expect(requests).toBeGreaterThan(1_700);
  // A third of the requests of the tenth of a second in which the Service still sends there.
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(0.15 * 300);
});

test('one that is killed again waits in CrashLoopBackOff, a part of an app can be meant, and what does not run cannot be killed', async () => {
  await using sandbox = await shop();
  const [pod = ''] = sandbox.kill({ app: 'shop/web' }, { exitCode: 3 });
  await sleep(sandbox, 4_000);
  expect(sandbox.kill(`shop/${pod}`, { exitCode: 0 })).toEqual([pod]);
  await sleep(sandbox, 2_000);
  expect(statusOf(sandbox, pod)).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
  expect(statusOf(sandbox, pod).lastState.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(() => sandbox.kill(`shop/${pod}`)).toThrow(RangeError);
  expect(() => sandbox.kill({ app: 'shop/web', image: 'web:2' })).toThrow('nothing runs there');
  expect(() => sandbox.kill('shop/nobody')).toThrow(RangeError);
  expect(sandbox.kill({ app: 'shop/web', image: 'web:1', count: 9 })).toHaveLength(2);
});

test('programs that crash by chance after a while: which ones is the seed’s, and all come back', async () => {
  const restarts = async (seed: number): Promise<readonly number[]> => {
    await using sandbox = await shop({ crash: { exitCode: 2, log: 'out of luck', after: '5s', chance: 0.5 } }, { replicas: 8, seed });
    await sleep(sandbox, 5_500);
    const crashed = sandbox.objects.list('pods', 'shop').filter(({ status }) => status.containerStatuses[0].state.terminated?.exitCode === 2).length;
    expect(crashed).toBeGreaterThan(0);
    expect(crashed).toBeLessThan(8);
    await sleep(sandbox, 30 * 60_000);
    return sandbox.objects
      .list('pods', 'shop')
      .map(({ status }) => status.containerStatuses[0].restartCount)
      .sort();
  };
  expect(await restarts(7)).toEqual(await restarts(7));
});

test('health that flaps takes pods out of the Service and back in, without a restart', async () => {
  await using sandbox = await shop({ flapping: { every: '20s', for: '6s' } });
  const load = sandbox.load('shop/web', { rate: 50 });
  const seen: number[] = [];
  for (let second = 0; second < 60; second += 1) {
    await sleep(sandbox, 1_000);
    const ready = readyPods(sandbox);
    if (seen.at(-1) !== ready) seen.push(ready);
  }
  // All three started together: three rounds, each bad in its last six seconds.
  expect(seen.filter((ready) => ready === 0)).toHaveLength(3);
  expect(seen.filter((ready) => ready === 3).length).toBeGreaterThanOrEqual(3);
  expect(sandbox.objects.list('pods', 'shop').every(({ status }) => status.containerStatuses[0].restartCount === 0)).toBe(true);
  const { failed } = await load.stop();
  // While no pod is ready, there is nobody to send to.
  expect(failed).toBeGreaterThan(0);
});

test.each<Behaviour>([
  { crash: { exitCode: 1, chance: 2 } },
  { crash: { exitCode: 1, chance: Number.NaN } },
  { flapping: { every: '5s', for: '5s' } },
  { flapping: { every: '5s', for: '0s' } },
])('%j means nothing', async (behaviour) => {
  await using sandbox = await createSandbox();
  expect(() => sandbox.image('web:1', behaviour)).toThrow(RangeError);
});
