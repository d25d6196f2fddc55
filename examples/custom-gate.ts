// A gate of one's own: nothing starts while the shop is in its busy hour. `npm run example custom-gate`
import { defineGate, type Outcome, RollingUpdate } from '@shepherd/core';
import { shop } from './lib/shop.js';

const quietHour = defineGate({
  use: 'acme/quiet-hour',
  at: ['start'],
  every: '5m',
  timeout: '3h',
  onTimeout: 'veto',
  async run({ busyUntilHour }: { busyUntilHour: number }, { clock }) {
    const hour = clock.now().getUTCHours();
    return hour < busyUntilHour ? { kind: 'hold', reason: `the shop is busy until ${busyUntilHour}:00 UTC` } : { kind: 'proceed' };
  },
});

/** The sandbox's day begins at midnight: the release waits an hour, which passes at once. */
export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [quietHour], print);
  return await app.deploy({ release: { image: 'registry/web:1.3.0' }, strategy: new RollingUpdate(), gates: [quietHour({ busyUntilHour: 1 })] });
}
