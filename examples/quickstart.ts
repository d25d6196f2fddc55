// A canary of shop/web, watched by its health checks. `npm run example quickstart`
import { Canary, type Outcome } from '@shepherd/core';
import { http, standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0' },
    strategy: new Canary({ stages: [10, 50, 100], interval: '3m', analysis: false }),
    checks: [...standard(), http({ path: '/api/health', json: { status: 'healthy' } })],
  });
}
