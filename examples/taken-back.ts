// A release that says it is ready but is not well: blue/green finds out before it gets a request. `npm run example taken-back`
import { BlueGreen, type Outcome } from '@shepherd/core';
import { guideSmoke, standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

export async function example(print = console.log): Promise<Outcome> {
  const answers = { '/api/health': { status: 503, body: '{"status":"unhealthy","database":"down"}' } };
  await using app = await shop({ handle: ({ path }) => answers[path as keyof typeof answers] ?? { status: 200, body: '{}' }, health: 200 }, [], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0', patch: { spec: { containers: [{ name: 'web', readinessProbe: { httpGet: { path: '/ready', port: 5000 } } }] } } },
    strategy: new BlueGreen({ smoke: guideSmoke() }),
    checks: standard(),
  });
}
