import { type DeployRequest, type Outcome, RollingUpdate } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import type { KubeRelease } from '@shepherd/kube';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab } from './__fixtures__/lab.js';
import type { ChartRelease } from './index.js';

interface Live {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } } };
}

describe.each(binaries)('%s', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
    });
    afterEach(() => lab[Symbol.asyncDispose]());

    const request = (release: Partial<ChartRelease> = {}): DeployRequest<KubeRelease | ChartRelease> => ({
      app: 'web',
      release: { chart: lab.chart, ...release },
      strategy: new RollingUpdate(),
    });
    const deploy = (values: object, release: Partial<ChartRelease> = {}): Promise<Outcome> =>
      lab.shepherd.deploy(request({ values: [values], ...release })).outcome;
    const image = (): string | undefined =>
      (lab.sandbox.objects.get('deployments.apps', 'shop', 'web') as unknown as Live | undefined)?.spec.template.spec.containers[0].image;
    const history = async (): Promise<readonly { readonly revision: number; readonly status: string; readonly description: string }[]> =>
      JSON.parse(await lab.byHand('history', 'web', '-o', 'json'));
    const data = (): unknown => (lab.sandbox.objects.get('configmaps', 'shop', 'web-config') as unknown as { readonly data: unknown }).data;

    test('installs, upgrades, takes a bad upgrade back, and goes back to a revision', async () => {
      assertOutcome(await deploy({}), 'succeeded');
      expect(image()).toBe('registry/web:1.0.0');
      const load = lab.sandbox.load('shop/web', { rate: 50 });

      assertOutcome(await deploy({ tag: '1.1.0' }), 'succeeded');
      expect(image()).toBe('registry/web:1.1.0');

      const bad = await deploy({ tag: '6.6.6' });
      assertOutcome(bad, 'rolled-back');
      expect(bad.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED' } });
      expect(image()).toBe('registry/web:1.1.0');
      expect((await history()).map(({ description }) => description)).toEqual(['Install complete', 'Upgrade complete', 'Upgrade complete', 'Rollback to 2']);

      const revisions = await lab.platform.releases.list(lab.read);
      expect(revisions.map(({ owner, verified, bad: why }) => [owner, verified, why !== undefined])).toEqual([
        ['helm', true, false],
        ['helm', false, true],
        ['helm', true, false],
      ]);
      const back = await lab.shepherd.rollback({ app: 'web' }).outcome;
      assertOutcome(back, 'succeeded');
      expect(image()).toBe('registry/web:1.0.0');
      expect((await history()).at(-1)).toMatchObject({ status: 'deployed', description: 'Rollback to 1' });
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
    });

    test('a release that runs is no change; one that changes no pod is one, and goes back too', async () => {
      assertOutcome(await deploy({}), 'succeeded');
      const same = await deploy({});
      assertOutcome(same, 'succeeded');
      expect(same.changed).toBe(false);
      const plan = await lab.shepherd.plan(request({ values: [{ motd: 'good evening', word: 'swordfish' }] }));
      expect(plan.changes).toBe(true);
      expect(plan.notes).toContain('changes ConfigMap web-config: data.motd: "hello" → "good evening"');
      expect(plan.notes).toContain('changes Secret web-secret: stringData.word changes');
      expect(JSON.stringify(plan)).not.toContain('swordfish');
      const changed = await deploy({ motd: 'good evening' });
      assertOutcome(changed, 'succeeded');
      expect([changed.changed, data()]).toEqual([true, { motd: 'good evening' }]);
      assertOutcome(await lab.shepherd.rollback({ app: 'web', to: '#1' }).outcome, 'succeeded');
      expect(data()).toEqual({ motd: 'hello' });
    });

    test('hooks and CRDs are named as what no rollback undoes; a dry run stores nothing', async () => {
      const hook = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: migrate\n  annotations: { helm.sh/hook: pre-upgrade }\n';
      const crd = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.example.test }\n';
      const chart = await makeChart(lab.home, { more: { 'templates/hook.yaml': hook, 'crds/thing.yaml': crd } });
      const before = lab.sandbox.writes;
      const plan = await lab.shepherd.plan(request({ chart }));
      expect(lab.sandbox.objects.list('secrets', 'shop')).toEqual([]);
      expect(lab.sandbox.writes - before).toBe(0);
      expect(plan.notes).toEqual(
        expect.arrayContaining([
          'helm installs release web with web-1.0.0',
          'hook ConfigMap migrate (pre-upgrade) runs; what it does is not undone by a rollback',
          'the chart has CRDs, which helm neither upgrades nor rolls back',
        ]),
      );
    });

    test('a first install that comes to nothing leaves nothing, and nothing is waited for', async () => {
      lab.sandbox.fault({ verb: 'POST', path: /secrets/, agent: /helm/i }, { status: 403 });
      const outcome = await deploy({});
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: expect.stringMatching(/ERR_FORBIDDEN|ERR_TOOL_FAILED/) } });
      expect([image(), lab.sandbox.objects.list('secrets', 'shop')]).toEqual([undefined, []]);
    });

    test('an upgrade that helm cannot finish is taken back', async () => {
      assertOutcome(await deploy({}), 'succeeded');
      lab.sandbox.fault({ verb: 'PATCH', path: /deployments\/web/, agent: /helm/i, times: 1 }, { status: 422 });
      const outcome = await deploy({ tag: '1.1.0' });
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_TOOL_FAILED' } });
      expect(image()).toBe('registry/web:1.0.0');
    });
  });
});
