import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).error === undefined;

test.skipIf(!hasKubectl)('deploy.sh: a release that crashes is undone', async () => {
  await using sandbox = await createSandbox({ time: 'real' }); // for programs of their own: HTTP on 127.0.0.1
  sandbox.image('registry/web:1.0.0');
  sandbox.image('registry/web:1.1.0', { crash: { exitCode: 1 } });
  await sandbox.install({ name: 'web', image: 'registry/web:1.0.0' });
  const home = await mkdtemp(join(tmpdir(), 'deploy-'));
  await writeFile(join(home, 'kubeconfig'), sandbox.connection.kubeconfig);

  const env = { ...process.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig'), DEPLOY_TIMEOUT: '3s' };
  const code = await new Promise((done) => {
    execFile('sh', [join(import.meta.dirname, 'deploy.sh'), 'registry/web:1.1.0'], { env }, (error) => done(error?.code ?? 0));
  });
  await rm(home, { recursive: true });
  expect(code).toBe(1);

  const answer = await fetch((await sandbox.addresses('web'))['http'] ?? '');
  expect(await answer.json()).toMatchObject({ version: '1.0.0' });
});
