import { type Rollout, Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { type ProcessNews, type ProcessOrder, requestOf } from './process-order.js';

const say = (news: ProcessNews): void => void process.send?.(news);

async function tell(rollout: Rollout): Promise<void> {
  for await (const event of rollout) if (!event.transient) say({ kind: 'event', event });
  say({ kind: 'outcome', outcome: await rollout.outcome });
}

/** A process that drives rollouts of the real cluster, with the Lease that everybody has. */
process.once('message', async ({ namespace, name, release }: ProcessOrder) => {
  const shepherd = new Shepherd({ platform: kubernetes({ namespace }), actor: { name, kind: 'service' } });
  if (release !== undefined) await tell(shepherd.deploy(requestOf(release)));
  else for await (const rollout of shepherd.recover({ follow: true, namespaces: [namespace] })) void tell(rollout);
});
process.on('disconnect', () => process.exit(0));
