import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcome, RolloutEvent } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { image, installWeb, type Lab, newVersion, openLab, underLoad } from '../../bench/src/lab/index.js';
import { expectClean } from './app-state.js';
import { expectNoLoss } from './expect-no-loss.js';
import type { ProcessNews, ProcessOrder } from './process-order.js';

const replicas = 4;
const leaseMs = 15_000;
const onSources = ['--conditions=@shepherd/source', '--import', 'tsx'];
/** What the build puts into the command line. */
const version = 'data:text/javascript,globalThis.__PACKAGE_VERSION__="0.0.0-test"';
let lab: Lab;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await lab[Symbol.asyncDispose]();
});

/** A process that drives, as seen from here. */
class Driving {
  readonly events: RolloutEvent[] = [];
  readonly outcome: Promise<Outcome>;
  readonly #child = fork(new URL('./process-child.ts', import.meta.url), { execArgv: onSources });
  #heard: () => void = () => undefined;

  constructor(order: ProcessOrder) {
    children.add(this.#child);
    let resolve: (outcome: Outcome) => void = () => undefined;
    this.outcome = new Promise((done) => (resolve = done));
    this.#child.on('message', (news: ProcessNews) => {
      if (news.kind === 'outcome') return resolve(news.outcome);
      this.events.push(news.event);
      this.#heard();
    });
    this.#child.send(order);
  }

  async until(what: (event: RolloutEvent) => boolean): Promise<RolloutEvent> {
    for (;;) {
      const found = this.events.find(what);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

const driver = (name: string) => (event: RolloutEvent) => event.type === 'driver-change' && event.driver.startsWith(name);
const serves25 = (event: RolloutEvent): boolean => event.type === 'weight-change' && event.to === 25;

/** The command line in a process of its own; resolves with what it printed. */
async function shepherd(...args: readonly string[]): Promise<string> {
  const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));
  const child = spawn(process.execPath, [...onSources, '--import', version, bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === null || code === 1 || code === 2) throw new Error(`shepherd ${args.join(' ')} failed [code=${code}]: ${output}`);
  return output;
}

const commandsIn = (events: readonly RolloutEvent[]): readonly unknown[] =>
  events.flatMap((event) => (event.type === 'command' ? [{ command: event.command, reason: event.reason }] : []));

test.each([
  { command: 'promote', release: 'slow-canary', from: serves25, kind: 'succeeded', serves: newVersion },
  { command: 'abort', release: 'slow-canary', from: serves25, kind: 'rolled-back', serves: '1.0.0' },
  { command: 'approve', release: 'approved', from: (event: RolloutEvent) => event.type === 'approval-request', kind: 'succeeded', serves: newVersion },
  { command: 'reject', release: 'approved', from: (event: RolloutEvent) => event.type === 'approval-request', kind: 'rolled-back', serves: '1.0.0' },
] as const)('$command from another process is obeyed by whoever drives, and nobody loses a request', async ({ command, release, from, kind, serves }) => {
  const namespace = await lab.namespace('command');
  const { url } = await installWeb(lab, namespace, { replicas });
  const { result, traffic } = await underLoad(
    url,
    async () => {
      const runner = new Driving({ namespace, name: 'runner', release });
      await runner.until(from);
      const said = await shepherd(command, 'web', '--reason', 'seen enough', '-n', namespace);
      return { runner, said, outcome: await runner.outcome };
    },
    { rate: 75 },
  );
  expectNoLoss(traffic);
  expect([result.outcome.kind, result.said]).toEqual([kind, expect.any(String)]);
  expect(commandsIn(result.runner.events)).toEqual([{ command, reason: 'seen enough' }]);
  await expectClean(lab, namespace, { image: image(serves), replicas });
  await lab.drop(namespace);
});

test('of two that recover and follow, one takes up what a dead runner left, and the other what that one leaves', async () => {
  const namespace = await lab.namespace('follow');
  const { url } = await installWeb(lab, namespace, { replicas });
  const replicaNames = ['replica-a', 'replica-b'];
  const { result, traffic } = await underLoad(
    url,
    async () => {
      const followers = replicaNames.map((name) => new Driving({ namespace, name, release: undefined }));
      const runner = new Driving({ namespace, name: 'runner', release: 'canary' });
      await runner.until(serves25);
      const freeMs: number[] = [];
      const killed = async (one: Driving): Promise<void> => {
        await one.kill();
        const { items } = await lab.read<{ items: readonly { readonly spec: { readonly renewTime: string } }[] }>(
          `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
        );
        freeMs.push(Date.parse(items[0]?.spec.renewTime ?? '') + leaseMs);
      };
      await killed(runner);
      const first = await Promise.race(
        followers.map(async (follower, index) => {
          await follower.until(driver(replicaNames[index] as string));
          return follower;
        }),
      );
      await killed(first);
      const second = followers.find((each) => each !== first) as Driving;
      return { second, outcome: await second.outcome, freeMs };
    },
    { rate: 75 },
  );
  expectNoLoss(traffic);
  assertOutcome(result.outcome, 'succeeded');
  const { events } = result.second;
  const changes = events.filter((event) => event.type === 'driver-change');
  expect(changes).toHaveLength(3);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  const took = changes.slice(1).map(({ at }, index) => Date.parse(at) - (result.freeMs[index] as number));
  console.log(`went on ${took.map((ms) => (ms / 1_000).toFixed(2)).join(' and ')} s after the lock was free`);
  expect(Math.max(...took)).toBeLessThanOrEqual(3_000);
  await expectClean(lab, namespace, { image: image(newVersion), replicas });
  await lab.drop(namespace);
}, 240_000);
