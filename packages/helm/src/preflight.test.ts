import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RollingUpdate } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab } from './__fixtures__/lab.js';
import { versionFindings } from './preflight.js';

test.each([
  [{ major: 3, text: 'v3.20.2' }, []],
  [{ major: 3, text: 'v3.21.0' }, []],
  [{ major: 3, text: 'v3.20.1' }, ['helm v3.20.1 works, and lacks fixes of security that 3.20.2 has']],
  [{ major: 4, text: 'v4.1.3' }, ['helm v4.1.3 works, and lacks fixes of security that 4.1.4 has']],
  [{ major: 4, text: 'v4.2.0' }, []],
] as const)('%j', (version, says) => {
  const found = versionFindings(version);
  expect(found[0]).toMatchObject({ id: 'helm', level: 'note' });
  expect(found.slice(1).map(({ message }) => message)).toEqual(says);
});

const pods = (labels: string, more: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 2
  revisionHistoryLimit: 1
  selector: { matchLabels: ${labels} }
  template:
    metadata: { labels: ${labels} }
    spec:
      containers:
        - name: web
          image: registry/web:{{ .Values.tag }}
          ports: [{ name: http, containerPort: 5000 }]
          ${more}
`;

describe.each(binaries)('%s', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
    });
    afterEach(() => lab[Symbol.asyncDispose]());
    const found = async (chart: string) => lab.shepherd.preflight({ app: 'web', release: { chart }, strategy: new RollingUpdate() });
    const ids = async (chart: string): Promise<readonly string[]> => [...new Set((await found(chart)).map(({ id }) => id))];

    test('before the first release: what the chart renders is looked at, and what it brings with it is there', async () => {
      const reads = await makeChart(lab.home, { reads: true });
      const before = lab.sandbox.writes;
      const said = await found(reads);
      expect(said.filter(({ level }) => level === 'error')).toEqual([]);
      expect(said.map(({ id }) => id)).toEqual(expect.arrayContaining(['server', 'helm', 'zd/image-tag', 'zd/pdb']));
      const bare = await makeChart(lab.home, {
        more: { 'templates/deployment.yaml': pods('{ app: {{ .Release.Name }} }', 'envFrom: [{ secretRef: { name: elsewhere } }]') },
      });
      expect(await ids(bare)).toEqual(expect.arrayContaining(['missing-reference', 'zd/readiness-missing', 'zd/history-limit']));
      expect(lab.sandbox.writes).toBe(before);
    });

    test('over a release: the selector that a chart would change, replicas that an autoscaler moves, a chart that does not lint', async () => {
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart: lab.chart } }).outcome, 'succeeded');
      expect(await ids(lab.chart)).not.toEqual(expect.arrayContaining(['zd/managed-by']));
      const other = pods('{ app: other, v: "2" }', 'readinessProbe: { httpGet: { path: /api/health, port: http } }');
      const hpa = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: {{ .Release.Name }} }
spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }} } }
`;
      const scaled = await makeChart(lab.home, { more: { 'templates/autoscaler.yaml': hpa } });
      expect(await ids(scaled)).toContain('zd/hpa-replicas');
      const changed = await makeChart(lab.home, { more: { 'templates/deployment.yaml': other } });
      const refused = await found(changed).catch((error: { code: string }) => error.code);
      expect(typeof refused === 'string' ? refused : refused.map(({ id }) => id).join(' ')).toMatch(/zd\/selector-change|ERR_INVALID_OPTIONS|refused|dry-run/);
      const bad = await makeChart(lab.home);
      await mkdir(join(bad, 'templates'), { recursive: true });
      await writeFile(join(bad, 'templates/NOTES.txt'), 'fine');
      await writeFile(join(bad, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: not-a-version\n');
      await expect(found(bad).then((all) => all.filter(({ level }) => level === 'error').length)).rejects.toMatchObject({ code: 'ERR_CHART' });
    });
  });
});
