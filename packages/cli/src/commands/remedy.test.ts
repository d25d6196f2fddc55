import { kubernetes } from '@shepherd/kube';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { fakeCluster } from '../__fixtures__/fake-cluster.js';
import { FakeIo } from '../__fixtures__/fake-io.js';
import { main } from '../main.js';

test('restart, restart --pod and scale on a cluster, each asked, shown and done', async () => {
  await using sandbox = await createSandbox();
  sandbox.image('r/web:1.0.0');
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 3 });
  const names = () => sandbox.objects.list('pods', 'shop').map(({ metadata }) => metadata.name);
  const run = async (line: string, io = new FakeIo()) => {
    const connect = async (connection: object) => kubernetes({ ...connection, ...sandbox.connection }) as never;
    const code = await main(line.split(' '), io, { connect, clock: sandbox.connection.clock });
    return { code, out: io.out, err: io.err };
  };
  const before = names();
  const writes = sandbox.writes;
  const planned = await run('scale shop/web 5 --dry-run');
  expect(planned).toMatchObject({ code: 0, err: '' });
  expect(planned.out).toMatch(/scale up from 3 to 5 pods/);
  expect((await run('restart shop/web --dry-run')).out).toMatch(/replace the pods one after the other/);
  expect((await run(`restart shop/web --pod ${before[0]} --dry-run`)).out).toContain(`evict pod ${before[0]}`);
  expect(sandbox.writes).toBe(writes);

  expect(await run('scale shop/web 5 --yes')).toMatchObject({ code: 0, err: '' });
  expect(names()).toHaveLength(5);
  expect((await run(`restart shop/web --pod ${before[0]} --yes`)).code).toBe(0);
  expect(names()).not.toContain(before[0]);
  const asked = new FakeIo({ terminal: { columns: 100, rows: 30 }, answers: [[/Restart all pods of shop\/web/, 'y\n']] });
  expect((await run('restart shop/web --reason stuck', asked)).code).toBe(0);
  expect(names().filter((name) => before.includes(name))).toEqual([]);
  expect((await run('scale shop/web 5 --yes')).out).toContain('nothing was done');
});

test.each([
  ['scale web', 'how many pods'],
  ['scale web many', 'how many pods'],
  ['scale 0 --app web', 'how many pods'],
  ['restart web', '--yes'],
])('bad input: %s', async (line, said) => {
  const io = new FakeIo();
  const { memory, options } = fakeCluster();
  expect(await main(line.split(' '), io, options)).toBe(2);
  expect(io.err).toContain(said);
  expect(memory.calls.filter(({ writes }) => writes)).toEqual([]);
});
