import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

test('a display is redrawn five times a second at most, whatever happens', async () => {
  const { memory, options } = fakeCluster();
  const io = new FakeIo({ terminal: { columns: 100, rows: 40 } });
  const drawn: number[] = [];
  const write = io.stdout.write.bind(io.stdout);
  io.stdout.write = (text) => {
    if (text.includes('\u001b[K')) drawn.push(memory.clock.monotonicMs());
    return write(text);
  };
  const code = await main('deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 25,50,100 --interval 60 --yes'.split(' '), io, options);
  expect(code).toBe(0);
  expect(drawn.length).toBeGreaterThan(100);
  // The last frame is drawn at the end, whenever the one before it was.
  const busiest = Math.max(...drawn.slice(0, -1).map((from) => drawn.slice(0, -1).filter((at) => at >= from && at < from + 1_000).length));
  expect(busiest).toBeLessThanOrEqual(5);
});
