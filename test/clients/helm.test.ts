import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClientLab, openClientLab, whyWithout } from './lab.js';
import { webManifest } from './manifests.js';

let lab: ClientLab;
let chart: string;

/** The web app as a chart; its image and replicas are values. */
async function makeChart(home: string): Promise<string> {
  const folder = join(home, 'chart');
  await mkdir(join(folder, 'templates'), { recursive: true });
  await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: "1.2.0"\n');
  await writeFile(join(folder, 'values.yaml'), 'tag: 1.2.0\nreplicas: 2\n');
  const template = webManifest({ name: '{{ .Release.Name }}', image: '"registry/web:{{ .Values.tag }}"' }).replace(
    'replicas: 2',
    'replicas: {{ .Values.replicas }}',
  );
  await writeFile(join(folder, 'templates', 'web.yaml'), template);
  await writeFile(join(folder, 'templates', 'NOTES.txt'), 'Released {{ .Values.tag }}.\n');
  return folder;
}

describe.each(['helm', 'helm4'] as const)('%s', (client) => {
  const helm = (...args: string[]): Promise<string> => lab.run(client, args);
  const image = async (): Promise<string> => {
    const answer = await fetch(`${lab.sandbox.url}/apis/apps/v1/namespaces/default/deployments/shop`);
    const { spec, status } = (await answer.json()) as {
      spec: { template: { spec: { containers: { image: string }[] } } };
      status: { updatedReplicas: number };
    };
    return `${spec.template.spec.containers[0]?.image} ${status.updatedReplicas}`;
  };

  describe.skipIf(whyWithout(client))('', () => {
    beforeAll(async () => {
      lab = await openClientLab();
      chart = await makeChart(lab.home);
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    test('install --wait, status, get values, get manifest, list', async () => {
      const said = await helm('install', 'shop', chart, '--wait', '--timeout=30s', '--set=replicas=3');
      expect(said).toMatch(/STATUS: deployed\n[\s\S]*Released 1\.2\.0\./);
      expect(await image()).toBe('registry/web:1.2.0 3');
      expect(await helm('status', 'shop')).toContain('STATUS: deployed');
      expect(await helm('get', 'values', 'shop')).toBe('USER-SUPPLIED VALUES:\nreplicas: 3\n');
      expect(await helm('get', 'manifest', 'shop')).toContain('name: shop');
      expect(await helm('list')).toMatch(/shop\s+default\s+1\s+.*deployed\s+web-1\.0\.0/);
      expect((await lab.attempt(client, ['install', 'shop', chart])).stderr).toMatch(/cannot re-?use a name that is still in use/);
    });

    test('upgrade --wait, history, diff by get, rollback --wait', async () => {
      expect(await helm('upgrade', 'shop', chart, '--wait', '--timeout=30s', '--reuse-values', '--set=tag=1.3.0')).toContain('STATUS: deployed');
      expect(await image()).toBe('registry/web:1.3.0 3');
      expect(await helm('history', 'shop')).toMatch(/1\s+.*superseded[\s\S]*2\s+.*deployed/);
      expect(await helm('rollback', 'shop', '1', '--wait', '--timeout=30s')).toContain('Rollback was a success!');
      expect(await image()).toBe('registry/web:1.2.0 3');
      expect(await helm('history', 'shop', '-o', 'json')).toContain('Rollback to 1');
    });

    test('an upgrade that cannot become ready fails, and is taken back where that is asked', async () => {
      const failed = await lab.attempt(client, ['upgrade', 'shop', chart, '--wait', '--timeout=4s', '--set=tag=bad']);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/UPGRADE FAILED/);
      expect(await helm('status', 'shop', '-o', 'json')).toContain('"status":"failed"');
      await helm('rollback', 'shop', '--wait', '--timeout=30s');
      const back = client === 'helm' ? '--atomic' : '--rollback-on-failure';
      const undone = await lab.attempt(client, ['upgrade', 'shop', chart, back, '--timeout=4s', '--set=tag=bad']);
      expect([undone.code, undone.stderr]).toEqual([1, expect.stringMatching(/has been rolled back|rolled back due to/)]);
      expect(await helm('status', 'shop', '-o', 'json')).toContain('"status":"deployed"');
      expect(await image()).toMatch(/^registry\/web:1\.2\.0 /);
    });

    test('what is wrong is refused before it is written', async () => {
      const { code, stderr } = await lab.attempt(client, ['upgrade', 'shop', chart, '--set=replicas=-1']);
      expect([code, stderr]).toEqual([1, expect.stringContaining('must be greater than or equal to 0')]);
    });

    test('template --validate, upgrade --install, dry run of the server, uninstall --wait', async () => {
      expect(await helm('upgrade', '--install', 'fresh', chart, '--dry-run=server')).toContain('pending-install');
      expect(await helm('upgrade', '--install', 'fresh', chart, '--wait', '--timeout=30s')).toContain('STATUS: deployed');
      expect(await helm('uninstall', 'fresh', '--wait')).toContain('release "fresh" uninstalled');
      expect(await helm('uninstall', 'shop', '--wait')).toContain('release "shop" uninstalled');
      expect((await helm('list', '-q')).trim()).toBe('');
      const left = await fetch(`${lab.sandbox.url}/api/v1/namespaces/default/secrets`);
      expect(((await left.json()) as { items: unknown[] }).items).toEqual([]);
    });
  });
});
