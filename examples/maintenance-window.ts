// Releases at night alone, by the clocks of the users. `npm run example maintenance-window`
import type { Outcome } from '@shepherd/core';
import { windows } from '@shepherd/core/gates';
import { shop } from './lib/shop.js';

const night = { name: 'night', kind: 'allow', schedule: '0 2 * * *', duration: '2h', timeZone: 'Europe/Berlin' } as const;

/** The sandbox's day begins at 00:00 UTC, which is 01:00 in Berlin: an hour too early. */
export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [], print);
  return await app.deploy({ release: { image: 'registry/web:1.3.0' }, gates: [windows({ windows: [night] })] });
}
