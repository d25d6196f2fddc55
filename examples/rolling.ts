// Pod by pod in place, then ten minutes of watching. `npm run example rolling`
import { type Outcome, RollingUpdate } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0', preStopSleep: '5s' },
    strategy: new RollingUpdate({ soak: '10m' }),
    checks: standard(),
    timeout: '30m',
  });
}
