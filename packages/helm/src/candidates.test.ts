import { BlueGreen, Canary, type Outcome, type Strategy } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab } from './__fixtures__/lab.js';

interface Live {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas: number;
    readonly selector: Readonly<Record<string, string>>;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ readonly image: string; readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[] }];
      };
    };
  };
}

const strategies: readonly (readonly [string, Strategy])[] = [
  ['blue/green', new BlueGreen({ soak: '1s', analysis: false })],
  ['canary', new Canary({ stages: [50, 100], interval: '1s', analysis: false })],
];

describe.each(binaries)('%s: a chart beside what runs', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    let chart: string;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
      chart = await makeChart(lab.home, { reads: true });
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart } }).outcome, 'succeeded');
    });
    afterEach(() => lab[Symbol.asyncDispose]());

    const live = (kind: string, name: string): Live | undefined => lab.sandbox.objects.get(kind, 'shop', name) as unknown as Live | undefined;
    const names = (kind: string): readonly string[] =>
      lab.sandbox.objects
        .list(kind, 'shop')
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('web') && !name.startsWith('sh.helm'))
        .toSorted();
    const image = (name = 'web'): string | undefined => live('deployments.apps', name)?.spec.template.spec.containers[0].image;
    const deploy = (strategy: Strategy, values: object, seen: () => void = () => undefined): Promise<Outcome> => {
      const rollout = lab.shepherd.deploy({ app: 'web', release: { chart, values: [values] }, strategy, drain: '1s' });
      rollout.on('step-start', seen);
      return rollout.outcome;
    };
    const history = async (): Promise<readonly string[]> =>
      (JSON.parse(await lab.byHand('history', 'web', '-o', 'json')) as { status: string; description: string }[]).map(
        ({ status, description }) => `${status}: ${description}`,
      );

    test.each(strategies)('%s: the candidate reads the new settings, stable goes on with its own, helm upgrades, nothing is left', async (_, strategy) => {
      const load = lab.sandbox.load('shop/web', { rate: 50 });
      const seen: { readonly config: readonly string[]; readonly secrets: readonly string[]; readonly reads: string | undefined; readonly motd: unknown }[] =
        [];
      const outcome = await deploy(strategy, { tag: '1.1.0', motd: 'good evening', word: 'swordfish' }, () => {
        const reads = live('deployments.apps', 'web-candidate')?.spec.template.spec.containers[0].envFrom?.[0]?.configMapRef.name;
        const { data } = (lab.sandbox.objects.get('configmaps', 'shop', reads ?? 'web-config') as unknown as { data: { motd: string } } | undefined) ?? {};
        seen.push({ config: names('configmaps'), secrets: names('secrets'), reads, motd: data?.motd });
      });
      assertOutcome(outcome, 'succeeded');
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      const beside = seen.filter(({ reads }) => reads !== undefined);
      expect(beside.length).toBeGreaterThan(4);
      for (const { config, secrets, reads, motd } of beside)
        expect([reads, config.length, secrets.length, motd]).toEqual([expect.stringMatching(/^web-config-[0-9a-f]{10}$/), 2, 2, 'good evening']);
      expect([image(), live('deployments.apps', 'web')?.spec.template.spec.containers[0].envFrom?.[0]]).toEqual([
        'registry/web:1.1.0',
        { configMapRef: { name: 'web-config' } },
      ]);
      expect([names('configmaps'), names('secrets'), names('deployments.apps'), names('services')]).toEqual([['web-config'], ['web-secret'], ['web'], ['web']]);
      expect(live('services', 'web')?.spec.selector).toEqual({ app: 'web' });
      expect(live('deployments.apps', 'web')?.spec.replicas).toBe(2);
      expect(await history()).toEqual(['superseded: Install complete', 'deployed: Upgrade complete']);
      // And helm goes on with it as if nobody had been there.
      await lab.byHand('upgrade', 'web', chart, '--set=tag=1.2.0');
      expect(image()).toBe('registry/web:1.2.0');
    });

    test.each(strategies)('%s: a version that is not well is taken back before helm has heard of it', async (_, strategy) => {
      const load = lab.sandbox.load('shop/web', { rate: 50 });
      const outcome = await deploy(strategy, { tag: '6.6.6', motd: 'good evening' });
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_POD_DOOMED' } });
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      expect([image(), names('configmaps'), names('secrets'), names('deployments.apps')]).toEqual([
        'registry/web:1.0.0',
        ['web-config'],
        ['web-secret'],
        ['web'],
      ]);
      expect(await history()).toEqual(['deployed: Install complete']);
    });

    test.each(strategies)('%s: an upgrade that helm cannot finish is taken back', async (_, strategy) => {
      const load = lab.sandbox.load('shop/web', { rate: 50 });
      lab.sandbox.fault({ verb: 'PATCH', path: /deployments\/web(\?|$)/, agent: /helm/i, times: 1 }, { status: 422 });
      const outcome = await deploy(strategy, { tag: '1.1.0' });
      assertOutcome(outcome, 'rolled-back');
      expect(outcome.cause).toMatchObject({ kind: 'step', error: { code: 'ERR_TOOL_FAILED' } });
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      expect([image(), names('deployments.apps'), live('deployments.apps', 'web')?.spec.replicas]).toEqual(['registry/web:1.0.0', ['web'], 2]);
      expect(live('services', 'web')?.spec.selector).toEqual({ app: 'web' });
    });

    test('what cannot run beside stable is refused with the reason, before anything is written', async () => {
      const hook = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: migrate\n  annotations: { helm.sh/hook: pre-upgrade }\n';
      const hooked = await makeChart(lab.home, { reads: true, more: { 'templates/hook.yaml': hook } });
      const before = lab.sandbox.writes;
      const outcome = await lab.shepherd.deploy({
        app: 'web',
        release: { chart: hooked, values: [{ tag: '1.1.0' }] },
        strategy: new BlueGreen({ analysis: false }),
      }).outcome;
      assertOutcome(outcome, 'failed-untouched');
      expect(outcome.error).toMatchObject({
        code: 'ERR_PREFLIGHT',
        facts: { findings: [{ id: 'chart-candidate', message: expect.stringContaining('hook ConfigMap migrate (pre-upgrade)') }] },
      });
      expect(lab.sandbox.writes - before).toBe(0);
    });
  });
});
