import { formatPlan, type Outcome } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab } from '../__fixtures__/lab.js';

const hook = `apiVersion: v1
kind: ConfigMap
metadata: { name: before, annotations: { helm.sh/hook: pre-rollback } }
`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, annotations: { shepherd.dev/drains: "true" } }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: registry/web:{{ .Values.tag }}
          ports: [{ name: http, containerPort: 5000 }]
          readinessProbe: { httpGet: { path: /api/health, port: http }, periodSeconds: 1 }
          envFrom:
            - configMapRef: { name: web-config }
            - configMapRef: { name: extra, optional: true }
            {{- if .Values.shared }}
            - secretRef: { name: shared }
            {{- end }}
`;

describe.each(binaries)('%s: going back', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
    });
    afterEach(() => lab[Symbol.asyncDispose]());

    const at = '/api/v1/namespaces/shop';
    const send = async (method: string, path: string, body?: object): Promise<void> => {
      const init = { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      expect((await fetch(`${lab.sandbox.url}${path}`, init)).ok).toBe(true);
    };
    const shared = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shared' }, stringData: { key: 'swordfish' } };

    test('says what of the chart comes back, what is not of the chart, and what the revision cannot start without', async () => {
      const chart = await makeChart(lab.home, { more: { 'templates/deployment.yaml': deployment, 'templates/hook.yaml': hook } });
      const deploy = (values: object): Promise<Outcome> => lab.shepherd.deploy({ app: 'web', release: { chart, values: [values] } }).outcome;
      await send('POST', `${at}/secrets`, shared);
      assertOutcome(await deploy({ shared: true, motd: 'one' }), 'succeeded');
      assertOutcome(await deploy({ tag: '1.1.0', motd: 'two' }), 'succeeded');
      const [, first] = await lab.shepherd.history('web');
      expect(first).toMatchObject({ chart: 'web-1.0.0', images: ['registry/web:1.0.0'], number: 1 });
      const plan = await lab.shepherd.plan({ app: 'web' });
      const text = formatPlan(plan);
      expect(text).toContain('changes ConfigMap web-config: data.motd: "two" → "one"');
      expect(text).toContain('hook ConfigMap before (pre-rollback) runs');
      expect(plan.warnings.map(({ id, object }) => [id, object])).toEqual([['config-not-kept', 'Secret shared']]);

      await send('DELETE', `${at}/secrets/shared`);
      const { writes } = lab.sandbox;
      expect(await lab.shepherd.rollback({ app: 'web', to: '#1' }).outcome).toMatchObject({
        kind: 'failed-untouched',
        error: { code: 'ERR_REVISION_INCOMPLETE', facts: { missing: ['Secret shared'] } },
      });
      expect(lab.sandbox.writes).toBe(writes);

      // Helm makes again what is of the chart.
      await send('POST', `${at}/secrets`, shared);
      await send('DELETE', `${at}/configmaps/web-config`);
      assertOutcome(await lab.shepherd.rollback({ app: 'web', to: '#1' }).outcome, 'succeeded');
      expect((lab.sandbox.objects.get('configmaps', 'shop', 'web-config') as unknown as { data: unknown }).data).toEqual({ motd: 'one' });
    });

    test('of an app that no chart made is the platform’s: its settings are kept and go back, with the reason', async () => {
      const settings = (color: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { color } });
      await send('POST', `${at}/configmaps`, settings('blue'));
      await lab.sandbox.install({ name: 'plain', namespace: 'shop', image: 'registry/web:1.0.0', replicas: 1 });
      const patch = { spec: { containers: [{ name: 'plain', envFrom: [{ configMapRef: { name: 'settings' } }] }] } };
      const deploy = (release: object): Promise<Outcome> => lab.shepherd.deploy({ app: 'plain', release: release as { image: string } }).outcome;
      assertOutcome(await deploy({ patch }), 'succeeded');
      await send('PUT', `${at}/configmaps/settings`, settings('red'));
      assertOutcome(await deploy({ image: 'registry/web:1.1.0' }), 'succeeded');
      expect(formatPlan(await lab.shepherd.plan({ app: 'plain' }))).toContain('ConfigMap settings goes back to what this revision ran with');
      assertOutcome(await lab.shepherd.rollback({ app: 'plain', reason: 'too red' }).outcome, 'succeeded');
      expect((lab.sandbox.objects.get('configmaps', 'shop', 'settings') as unknown as { data: unknown }).data).toEqual({ color: 'blue' });
      expect(lab.sandbox.objects.get('deployments.apps', 'shop', 'plain')?.metadata.annotations?.['kubernetes.io/change-cause']).toContain('too red');
    });
  });
});
