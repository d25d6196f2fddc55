import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

const run = async (line: string) => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  const code = await main(line.split(' '), io, options);
  return { memory, code, out: io.out, err: io.err };
};

test('an app that is well: said, with what a person runs to see it, and nothing is written', async () => {
  const { code, out, err, memory } = await run('diagnose web');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^memory\/default\/web is healthy: 4 of 4 pods ready\n\nhealthy: App web\n/);
  expect(out).toContain('see: shepherd status web');
  expect(memory.calls.filter(({ writes }) => writes)).toEqual([]);
});

test('--json is the report; the guide names the trouble alone', async () => {
  const { code, out } = await run('diagnose slow --app web --json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ app: { name: 'web' }, about: 'slow', state: 'healthy', causes: [{ code: 'healthy' }], unread: [] });
});

test.each([
  ['diagnose web lost', ['trouble', 'lost', 'outage, partial, slow, database, registry']],
  ['diagnose outage', ['app', 'the name of a Deployment']],
  ['diagnose web --dependency mongodb', ['--dependency', 'NAME=HOST:PORT']],
  ['diagnose web --dependency db=shop:hunter2@db:5432', ['--dependency', 'db=***@db:5432']],
  ['diagnose wep', ['wep', 'web']],
])('bad input: %s', async (line, said) => {
  const { code, out, err } = await run(line);
  expect([code, out]).toEqual([2, '']);
  for (const each of said) expect(err).toContain(each);
  expect(err).not.toContain('hunter2');
});
