import { Shepherd } from '@shepherd/core';
import { type ChartOrder, leaseMs, platformOf, releaseOf, requestOf } from './chart-order.js';

/** A process that releases a chart, until it is killed. */
process.once('message', async ({ namespace, binary, tag }: ChartOrder) => {
  const shepherd = new Shepherd({ platform: platformOf(namespace, binary, { leaseMs }) });
  const outcome = await shepherd.deploy(requestOf(releaseOf(tag))).outcome;
  process.send?.(outcome, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
