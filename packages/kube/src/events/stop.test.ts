import type { ObservedRollout, RolloutEvent } from '@shepherd/core';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { Cluster } from '../cluster.js';
import { KubeEvents } from './kube-events.js';

test('once its platform is closed nothing more is tried: neither what waits, nor what is under way, nor what comes later', async () => {
  await using sandbox = await createSandbox();
  sandbox.image('registry/web:1');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'registry/web:1', replicas: 1 });
  sandbox.fault({ path: /events\.k8s\.io/ }, 'hang');
  const { clock, transport, kubeconfig } = sandbox.connection;
  let asked = 0;
  const seeing: typeof transport = async (request) => {
    if (/events\.k8s\.io/.test(request.url)) asked += 1;
    return transport(request);
  };
  const cluster = new Cluster({ kubeconfig, clock, transport: seeing });
  const events = new KubeEvents(cluster);
  const rollout = { id: 'one', app: { cluster: 'default', namespace: 'shop', name: 'web' } } as ObservedRollout;
  const pause = (sequence: number): void => {
    const [by, at] = [{ name: 'ada', kind: 'human' as const }, clock.now().toISOString()];
    events.observe(
      { type: 'pause-start', by, reason: 'a look', until: at, rolloutId: 'one', app: rollout.app, sequence, at, transient: false } as RolloutEvent,
      rollout,
    );
  };
  for (let sequence = 1; sequence <= 100; sequence += 1) pause(sequence);
  await clock.sleep(1_000);
  expect(asked).toBe(1);
  const beforeMs = clock.monotonicMs();
  events.stop();
  await events[Symbol.asyncDispose]();
  expect(clock.monotonicMs()).toBe(beforeMs);
  pause(101);
  await clock.sleep(10 * 60_000);
  expect(asked).toBe(1);
  await cluster.api.close();
});
