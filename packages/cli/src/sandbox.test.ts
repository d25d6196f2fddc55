import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { main } from './main.js';

test('on a cluster: a canary, a release that crashes, the way back to an older revision', async () => {
  await using sandbox = await createSandbox();
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  sandbox.image('r/web:1.2.0', { crash: { exitCode: 1, log: 'fatal: no config' } });
  await sandbox.install({ name: 'web', namespace: 'shop', image: 'r/web:1.0.0', replicas: 4 });
  const run = async (line: string) => {
    const io = new FakeIo();
    const connect = async (connection: object) => helm(kubernetes({ ...connection, ...sandbox.connection }));
    const code = await main([...line.split(' '), '-n', 'shop'], io, { connect, clock: sandbox.connection.clock });
    return { code, out: io.out, err: io.err };
  };

  const planned = sandbox.writes;
  expect(await run('plan web --image r/web:1.1.0')).toMatchObject({ code: 0, err: '' });
  expect(sandbox.writes).toBe(planned);

  const canary = await run('deploy web --image r/web:1.1.0 --strategy canary --no-analysis --stages 25,100 --interval 60 --yes');
  expect(canary).toMatchObject({ code: 0, err: '' });
  expect(canary.out).toMatch(/target replicas: candidate 1, stable 3 \(25 %\)/);

  const bad = await run('deploy web --image r/web:1.2.0 --yes');
  expect(bad.code).toBe(3);
  expect(bad.out).toMatch(/going back: .*container web ends with exit code 1; its last line: fatal: no config \(CrashLoopBackOff\)/);
  expect(bad.out).toContain('| fatal: no config');

  expect((await run('rollback web --yes --reason slow')).code).toBe(0);
  expect((await run('status web')).out).toMatch(/stable +4 of 4 pods ready +r\/web:1\.0\.0/);
  expect((await run('rollback web --list')).out).toMatch(/bad: .*\n?/);

  expect(await run('deploy web --image r/web --yes')).toMatchObject({ code: 2, err: expect.stringContaining('a fixed tag or digest') });
}, 30_000);
