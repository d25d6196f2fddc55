import { Shepherd } from '@shepherd/core';
import { kubernetes } from '@shepherd/kube';
import { type ChildNews, type ChildOrder, requestOf } from './request.js';

/** A runner in a process of its own. Whoever started it kills it. */
process.once('message', async ({ kubeconfig, namespace, leaseMs, scenario }: ChildOrder) => {
  const say = (news: ChildNews): void => void process.send?.(news);
  const shepherd = new Shepherd({ platform: kubernetes({ kubeconfig, namespace, leaseMs }), actor: { name: 'child', kind: 'ci' } });
  const rollout = shepherd.deploy(requestOf(scenario));
  for await (const event of rollout) if (!event.transient) say({ kind: 'event', event });
  say({ kind: 'outcome', outcome: await rollout.outcome });
  process.disconnect();
});
process.once('disconnect', () => process.exit(0));
