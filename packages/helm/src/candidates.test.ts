import { BlueGreen, type Outcome, type Strategy } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Beside, openBeside, strategies } from './__fixtures__/beside.js';
import { binaries, isMissing, makeChart } from './__fixtures__/lab.js';

describe.each(binaries)('%s: a chart beside what runs', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let app: Beside;
    beforeEach(async () => {
      app = await openBeside(binary);
    });
    afterEach(() => app.lab[Symbol.asyncDispose]());

    const deploy = (strategy: Strategy, values: object, seen: () => void = () => undefined): Promise<Outcome> => {
      const rollout = app.lab.shepherd.deploy({ app: 'web', release: { chart: app.chart, values: [values] }, strategy, drain: '1s' });
      rollout.on('step-start', seen);
      return rollout.outcome;
    };
    const history = async (): Promise<readonly string[]> => (await app.history()).map(({ status, description }) => `${status}: ${description}`);

    test.each(strategies)('%s: the candidate reads the new settings, stable goes on with its own, helm upgrades, nothing is left', async (_, strategy) => {
      const load = app.lab.sandbox.load('shop/web', { rate: 50 });
      const seen: { readonly config: readonly string[]; readonly secrets: readonly string[]; readonly reads: string | undefined; readonly motd: unknown }[] =
        [];
      const outcome = await deploy(strategy, { tag: '1.1.0', motd: 'good evening', word: 'swordfish' }, () => {
        const reads = app.live('deployments.apps', 'web-candidate')?.spec.template.spec.containers[0].envFrom?.[0]?.configMapRef.name;
        const { data } = (app.lab.sandbox.objects.get('configmaps', 'shop', reads ?? 'web-config') as unknown as { data: { motd: string } } | undefined) ?? {};
        seen.push({ config: app.names('configmaps'), secrets: app.names('secrets'), reads, motd: data?.motd });
      });
      assertOutcome(outcome, 'succeeded');
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      const beside = seen.filter(({ reads }) => reads !== undefined);
      expect(beside.length).toBeGreaterThan(4);
      for (const { config, secrets, reads, motd } of beside)
        expect([reads, config.length, secrets.length, motd]).toEqual([expect.stringMatching(/^web-config-[0-9a-f]{10}$/), 2, 2, 'good evening']);
      expect([app.image(), app.live('deployments.apps', 'web')?.spec.template.spec.containers[0].envFrom?.[0]]).toEqual([
        'registry/web:1.1.0',
        { configMapRef: { name: 'web-config' } },
      ]);
      expect([app.names('configmaps'), app.names('secrets'), app.names('deployments.apps'), app.names('services')]).toEqual([
        ['web-config'],
        ['web-secret'],
        ['web'],
        ['web'],
      ]);
      expect(app.live('services', 'web')?.spec.selector).toEqual({ app: 'web' });
      expect(app.live('deployments.apps', 'web')?.spec.replicas).toBe(2);
      expect(await history()).toEqual(['superseded: Install complete', 'deployed: Upgrade complete']);
      // And helm goes on with it as if nobody had been there.
      await app.lab.byHand('upgrade', 'web', app.chart, '--set=tag=1.2.0');
      expect(app.image()).toBe('registry/web:1.2.0');
    });

    test.each(strategies)('%s: a version that is not well is taken back before helm has heard of it', async (_, strategy) => {
      const load = app.lab.sandbox.load('shop/web', { rate: 50 });
      const outcome = await deploy(strategy, { tag: '6.6.6', motd: 'good evening' });
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED' } });
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      expect([app.image(), app.names('configmaps'), app.names('secrets'), app.names('deployments.apps')]).toEqual([
        'registry/web:1.0.0',
        ['web-config'],
        ['web-secret'],
        ['web'],
      ]);
      expect(await history()).toEqual(['deployed: Install complete']);
    });

    test.each(strategies)('%s: an upgrade that helm cannot finish is taken back', async (_, strategy) => {
      const load = app.lab.sandbox.load('shop/web', { rate: 50 });
      app.lab.sandbox.fault({ verb: 'PATCH', path: /deployments\/web(\?|$)/, agent: /helm/i, times: 1 }, { status: 422 });
      const outcome = await deploy(strategy, { tag: '1.1.0' });
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_TOOL_FAILED' } });
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      expect([app.image(), app.names('deployments.apps'), app.live('deployments.apps', 'web')?.spec.replicas]).toEqual(['registry/web:1.0.0', ['web'], 2]);
      expect(app.live('services', 'web')?.spec.selector).toEqual({ app: 'web' });
    });

    test('what cannot run beside stable is refused with the reason, before anything is written', async () => {
      const hook = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: migrate\n  annotations: { helm.sh/hook: pre-upgrade }\n';
      const hooked = await makeChart(app.lab.home, { reads: true, more: { 'templates/hook.yaml': hook } });
      const before = app.lab.sandbox.writes;
      const outcome = await app.lab.shepherd.deploy({
        app: 'web',
        release: { chart: hooked, values: [{ tag: '1.1.0' }] },
        strategy: new BlueGreen({ analysis: false }),
      }).outcome;
      assertOutcome(outcome, 'failed-untouched');
      expect(outcome.error).toMatchObject({
        code: 'ERR_PREFLIGHT',
        facts: { findings: [{ id: 'chart-candidate', message: expect.stringContaining('hook ConfigMap migrate (pre-upgrade)') }] },
      });
      expect(app.lab.sandbox.writes - before).toBe(0);
    });
  });
});
