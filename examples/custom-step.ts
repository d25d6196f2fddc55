// A step of one's own in a stock strategy: warm each new pod before it gets users. `npm run example custom-step`
import { BlueGreen, defineStep, fail, type Outcome, pass, type StepContext } from '@shepherd/core';
import { shop } from './lib/shop.js';

interface WarmUp {
  readonly paths: readonly string[];
}
interface Progress {
  readonly done: number;
}

const warmUp = defineStep({
  use: 'acme/warm-up',
  timeout: '5m',
  describe: ({ paths }: WarmUp) => `warm ${paths.length} paths`,
  async run({ paths }: WarmUp, context: StepContext<Progress>) {
    // What was saved survives a crash: another process goes on from here.
    for (let i = context.saved?.done ?? 0; i < paths.length; i += 1) {
      const replies = await context.http('candidate', paths[i] ?? '/');
      const bad = replies.find(({ status }) => status !== 200);
      if (bad !== undefined) return fail(`${bad.pod} answered ${bad.status} to ${paths[i]}`);
      await context.save({ done: i + 1 });
    }
    return pass(`${paths.length} paths are warm`);
  },
});

export async function example(print = console.log): Promise<Outcome> {
  await using app = await shop({}, [warmUp], print);
  return await app.deploy({
    release: { image: 'registry/web:1.3.0' },
    strategy: new BlueGreen({ soak: '10m' }),
    hooks: { beforeTraffic: [warmUp({ paths: ['/', '/api/health'] })] },
  });
}
