import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@shepherd/core';
import { standard } from '@shepherd/core/checks';
import { helm } from '@shepherd/helm';
import { kubernetes } from '@shepherd/kube';
import { createSandbox } from '@shepherd/sandbox';
import { expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { main } from './main.js';

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, annotations: { shepherd.dev/drains: "true" } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: r/web:{{ .Values.tag }}
          ports: [{ containerPort: 5000 }]
          readinessProbe: { httpGet: { path: /api/health, port: 5000 }, periodSeconds: 1 }
`;

const isMissing = spawnSync('helm', ['version'], { stdio: 'ignore' }).error !== undefined;

test.skipIf(isMissing)('a chart, by config and flags: plan, install, upgrade, the list, and back by number', async () => {
  await using sandbox = await createSandbox({ time: 'real' });
  for (const version of ['1.0.0', '1.1.0']) sandbox.image(`r/web:${version}`);
  const folder = await mkdtemp(join(tmpdir(), 'shepherd-cli-chart-'));
  try {
    await mkdir(join(folder, 'chart/templates'), { recursive: true });
    const files = {
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\nicon: https://example.test/icon.png\n',
      'chart/values.yaml': 'tag: none\n',
      'chart/templates/web.yaml': web,
      'prod.yaml': 'tag: 1.0.0\n',
      'shepherd.config.json': JSON.stringify({ app: 'web', chart: './chart', values: ['prod.yaml'] }),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const connect = async (connection: object) =>
      helm(kubernetes({ ...connection, kubeconfig: sandbox.connection.kubeconfig, namespace: 'default', app: { checks: standard({ quiet: '0s' }) } }));
    const run = async (line: string) => {
      const io = new FakeIo({ cwd: folder });
      const code = await main(line.split(' '), io, { connect, clock: systemClock });
      return { code, out: io.out, err: io.err };
    };

    const planned = await run('plan');
    expect(planned).toMatchObject({ code: 0, err: '' });
    expect(planned.out).toContain('helm installs release web with web-1.0.0');
    expect((await run('deploy --yes')).code).toBe(0);
    const upgraded = await run('plan --set tag=1.1.0');
    expect(upgraded.out).toContain('spec.template.spec.containers[web].image: "r/web:1.0.0" → "r/web:1.1.0"');
    expect((await run('deploy --set tag=1.1.0 --yes')).code).toBe(0);
    expect((await run('rollback --list')).out).toMatch(/REVISION +NUMBER +MADE[\s\S]*2 [\s\S]*r\/web:1\.1\.0[\s\S]*1 [\s\S]*r\/web:1\.0\.0/);
    expect((await run('rollback --revision 9 --yes')).code).toBe(2);
    expect((await run('rollback --revision 1 --yes')).code).toBe(0);
    expect((await run('deploy --chart ./nope --yes')).code).toBe(2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
