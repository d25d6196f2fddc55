import { seededRandom } from '../seeded-random.js';
import { virtualPoints } from './run-points.js';
import type { VirtualNews, VirtualOrder } from './side-by-side.js';

/** Scenarios one after another, in a process of its own: a virtual clock fills a processor. */
process.on('message', ({ scenario, every, doubles, seed }: VirtualOrder) => {
  const say = (news: VirtualNews): void => void process.send?.(news);
  virtualPoints({ scenarios: [scenario], every, doubles, random: seededRandom(seed), log: (line) => say({ kind: 'log', line }) }).then(
    (result) => say({ kind: 'result', result }),
    (error: unknown) => say({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
