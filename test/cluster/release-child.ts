import { Shepherd, systemClock } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { type ChildOrder, leaseMs, wheelRequest } from './wheel-request.js';

/** A runner that dies: it releases, and kills itself as hard as can be when a step starts. */
process.once('message', async ({ namespace, strategy, version, dieAt, dieAfterMs }: ChildOrder) => {
  const shepherd = new Shepherd({ platform: kubernetes({ namespace, leaseMs }) });
  const rollout = shepherd.deploy(wheelRequest(strategy, version));
  process.send?.({ kind: 'id', id: rollout.id });
  rollout.on('step-start', ({ index }) => {
    if (index !== dieAt) return;
    if (dieAfterMs === 0) process.kill(process.pid, 'SIGKILL');
    else void systemClock.sleep(dieAfterMs).then(() => process.kill(process.pid, 'SIGKILL'));
  });
  process.send?.({ kind: 'outcome', outcome: await rollout.outcome }, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
