// The new version whole beside the old one, asked before it gets a request, then all traffic at once. `npm run example blue-green`
import { BlueGreen, type Outcome } from '@shepherd/core';
import { http, standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0' },
    strategy: new BlueGreen({ smoke: [http({ path: '/metrics' })], smokeTimeout: '5m', soak: '10m' }),
    checks: [...standard(), http({ path: '/api/health', json: { status: 'healthy', database: 'connected' } })],
  });
}
