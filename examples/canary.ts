// A growing share of the users, judged by their requests: of this version one in five fails, and it goes back. `npm run example canary`
import { Canary, type Outcome } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({ errorRate: 0.2 }, [], print, { rate: 50 });
  return await app.deploy({
    release: { image: 'registry/web:1.3.0' },
    strategy: new Canary({ stages: [10, { weight: 50, interval: '10m' }, 100], interval: '3m', analysis: { sensitivity: 'medium' } }),
    checks: standard(),
  });
}
