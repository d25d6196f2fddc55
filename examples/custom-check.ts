// A check of one's own: every pod must answer fast. `npm run example custom-check`
import { defineCheck, fail, type Outcome, pass, RollingUpdate } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { shop } from './lib/shop.js';

const fast = defineCheck({
  use: 'acme/fast',
  describe: ({ path, ms }: { path: string; ms: number }) => `${path} answers within ${ms} ms`,
  async run({ path, ms }: { path: string; ms: number }, { http, track }) {
    const slow = (await http(track, path)).find((reply) => reply.ms > ms);
    return slow === undefined ? pass(`all answered within ${ms} ms`) : fail(`${slow.pod} took ${slow.ms} ms`);
  },
});

/** The new version takes 800 ms for everything: it is ready and healthy, and goes back all the same. */
export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({ latencyMs: 800 }, [fast], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0' },
    strategy: new RollingUpdate(),
    checks: [...standard(), fast({ path: '/', ms: 300 })],
  });
}
