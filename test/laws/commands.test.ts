import { Canary } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { expect, test } from 'vitest';
import { requestOf } from '../../bench/src/crash/scenario.js';
import { type Kill, Runner } from '../../bench/src/crash/virtual/runner.js';
import { World } from '../../bench/src/crash/virtual/world.js';

const app = { cluster: 'kubernetes', namespace: 'default', name: 'web' };
const by = { name: 'ada', kind: 'human' } as const;

/** Posts an abort once the candidate has traffic, and goes: nobody asks again. The driver is killed at its n-th write after that; another one recovers. */
async function askAndKill(nth: number, side: Kill['side']) {
  await using world = await World.create();
  const request = { ...requestOf({ strategy: 'canary', release: 'good' }), strategy: new Canary({ stages: [34, 100], interval: '10s', analysis: false }) };
  let from = Number.POSITIVE_INFINITY;
  const first: Runner = new Runner({
    world,
    name: 'first',
    kill: {
      get call() {
        return first.calls.flatMap(({ kind: is }, index) => (is === 'write' && index >= from ? [index + 1] : []))[nth - 1] ?? 0;
      },
      side,
    },
  });
  const rollout = first.shepherd.deploy(request);
  for await (const event of rollout) if (event.type === 'weight-change') break;
  const { journal } = kubernetes({ kubeconfig: world.kubeconfig, clock: world.clock, transport: world.transport });
  const context = { app, rolloutId: rollout.id, signal: new AbortController().signal, clock: world.clock };
  await journal.post(context, { kind: 'abort', id: 'asked-once', rolloutId: rollout.id, by, reason: 'enough' });
  from = first.calls.length;
  const killed = await Promise.race([first.killed, rollout.outcome.then(() => 'ended')]);
  await using second = new Runner({ world, name: 'second', kill: undefined });
  if (killed === 'killed') {
    for await (const left of second.shepherd.recover({ follow: true })) {
      await left.outcome;
      break;
    }
  }
  const found = await second.shepherd.get(rollout.id);
  second.listenTo(found);
  const outcome = await found.outcome;
  await second.heard();
  return { outcome, commands: second.events.filter(({ type }) => type === 'command').length };
}

const writes = [1, 2, 3, 4, 5, 6];
const kills = writes.flatMap((nth) => [{ nth, side: 'before' } as const, { nth, side: 'after' } as const]);

test.each(kills)('a command is obeyed once, though the driver that was given it dies $side write $nth', async ({ nth, side }) => {
  const { outcome, commands } = await askAndKill(nth, side);
  const cause = 'cause' in outcome ? outcome.cause : undefined;
  expect({ kind: outcome.kind, cause, commands }).toEqual({ kind: 'rolled-back', cause: { kind: 'abort', by, reason: 'enough' }, commands: 1 });
});
