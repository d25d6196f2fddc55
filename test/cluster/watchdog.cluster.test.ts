import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type Outcome, Shepherd } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, installWeb, kubectl, type Lab, newVersion, openLab, underLoad } from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';
import { type WatchdogImage, watchdogImage, whyNoImage } from './watchdog-image.js';

const replicas = 4;
const unwatchedSeconds = 20;
let lab: Lab;
let made: WatchdogImage;
beforeAll(async () => {
  lab = await openLab();
  if (whyNoImage === undefined) made = await watchdogImage();
});
afterAll(async () => {
  if (made !== undefined) await rm(dirname(made.file), { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});

async function shepherd(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [made.file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number];
  expect([args.join(' '), code]).toEqual([args.join(' '), 0]);
  return output;
}

/** Starts a canary in a process of its own and kills that as hard as can be once the new version has traffic. */
async function canaryWhoseRunnerDies(namespace: string): Promise<string> {
  const flags = ['--strategy', 'canary', '--no-analysis', '--stages', '25,100', '--interval', '600', '--unwatched', String(unwatchedSeconds), '--drain', '1'];
  const args = ['deploy', 'web', '--image', image(newVersion), ...flags, '--yes', '--json', '-n', namespace];
  const runner = spawn(process.execPath, [made.file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const died = once(runner, 'exit') as Promise<[number | null, string | null]>;
  for await (const line of createInterface({ input: runner.stdout })) {
    const event = JSON.parse(line) as { type: string; rolloutId: string; to?: number };
    if (event.type === 'result') throw new Error(`the runner ended by itself: ${line}`);
    if (event.type !== 'weight-change' || event.to === 0) continue;
    runner.kill('SIGKILL');
    const [, signal] = await died;
    expect([event.to, signal]).toEqual([25, 'SIGKILL']);
    return event.rolloutId;
  }
  throw new Error('the runner said nothing');
}

test.skipIf(whyNoImage !== undefined)(
  'a canary whose runner was killed is taken back by the watchdog in time, and nobody loses a request',
  async () => {
    const namespace = await lab.namespace('watchdog');
    const { url } = await installWeb(lab, namespace, { replicas });
    expect(await shepherd('watchdog', '--image', made.image, '-n', namespace)).toContain('Deployment shepherd-watchdog');
    await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/shepherd-watchdog', '--timeout=60s']);
    await using observer = new Shepherd({ platform: kubernetes({ namespace }) });

    const { result, traffic } = await underLoad(
      url,
      async () => {
        const id = await canaryWhoseRunnerDies(namespace);
        const killedAt = Date.now();
        const { rollout } = await observer.status('web');
        const outcome: Outcome = await (await observer.get(id)).outcome;
        return { id, killedAt, left: rollout, outcome, tookSeconds: (Date.now() - killedAt) / 1_000 };
      },
      { rate: 75 },
    );
    const { id, left, outcome, killedAt, tookSeconds } = result;
    expectNoLoss(traffic);
    expect(Object.keys(traffic.fresh.byVersion).toSorted()).toEqual(['1.0.0', newVersion]);
    expect(traffic.fresh.answers.at(-1)?.version).toBe('1.0.0');
    expect(left).toMatchObject({ id, weight: 25, now: { kind: 'progressing' } });
    assertOutcome(outcome, 'rolled-back');
    const { unwatchedDeadline = '' } = left ?? {};
    expect(outcome.cause).toMatchObject({ kind: 'abort', by: { name: 'watchdog', kind: 'service' }, reason: expect.stringContaining(unwatchedDeadline) });
    // The deadline, the next look at the journals, and the way back with its drain.
    const afterDeadline = tookSeconds - (Date.parse(unwatchedDeadline) - killedAt) / 1_000;
    console.log(`killed at 25 %, taken back after ${tookSeconds.toFixed(1)} s, ${afterDeadline.toFixed(1)} s after the deadline`);
    expect(Date.parse(unwatchedDeadline) - killedAt).toBeLessThanOrEqual(unwatchedSeconds * 1_000);
    expect(afterDeadline).toBeGreaterThan(0);
    expect(afterDeadline).toBeLessThan(20);
    const log = await kubectl(['-n', namespace, 'logs', 'deployment/shepherd-watchdog']);
    expect(log).toMatch(/going back: watchdog: nobody drove it until/);
    expect(log).toContain('rolled back: ');
    await kubectl(['-n', namespace, 'delete', '--cascade=foreground', '-f', '-'], {
      input: await shepherd('watchdog', '--print', '--image', made.image, '-n', namespace),
    });
    await expectClean(lab, namespace, { image: image('1.0.0'), replicas });
    await lab.drop(namespace);
  },
  180_000,
);

test.skipIf(whyNoImage !== undefined)('what may stand, the watchdog leaves alone', async () => {
  const namespace = await lab.namespace('watchdog-rest');
  await installWeb(lab, namespace, { replicas });
  await shepherd('watchdog', '--image', made.image, '-n', namespace);
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/shepherd-watchdog', '--timeout=60s']);
  const args = ['deploy', 'web', '--image', image(newVersion), '--strategy', 'blue-green', '--unwatched', '5', '--yes', '--json', '-n', namespace];
  const runner = spawn(process.execPath, [made.file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: runner.stdout })) {
    if ((JSON.parse(line) as { type: string; index?: number }).index === 1) break;
  }
  runner.kill('SIGKILL');
  await once(runner, 'exit');
  // Longer than the lease, the deadline, and the watchdog's look.
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  const status = JSON.parse(await shepherd('status', 'web', '--json', '-n', namespace)) as { rollout: { now: { kind: string }; driver?: string } };
  expect(status.rollout.now.kind).toBe('progressing');
  expect(status.rollout.driver).toBeUndefined();
  await lab.drop(namespace);
});
