import { BlueGreen, Canary, type Outcome, type Rollout, type Strategy } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab, type Process } from './__fixtures__/lab.js';

interface Live {
  readonly spec: {
    readonly replicas: number;
    readonly selector: Readonly<Record<string, string>>;
    readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } };
  };
}

const strategies: readonly (readonly [string, Strategy])[] = [
  ['blue/green', new BlueGreen({ soak: '1s', analysis: false })],
  ['canary', new Canary({ stages: [50, 100], interval: '1s', analysis: false })],
];
const request = { app: 'web', drain: '1s' } as const;

describe.each(binaries)('%s: the driver of a chart dies', (binary) => {
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
    const image = (): string | undefined => live('deployments.apps', 'web')?.spec.template.spec.containers[0].image;
    const names = (kind: string): readonly string[] =>
      lab.sandbox.objects
        .list(kind, 'shop')
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('web') && !name.startsWith('sh.helm'));
    const states = async (): Promise<readonly string[]> =>
      (JSON.parse(await lab.byHand('history', 'web', '-o', 'json')) as { status: string }[]).map(({ status }) => status);
    const start = (by: Process, strategy: Strategy, tag: string): Rollout =>
      by.shepherd.deploy({ ...request, release: { chart, values: [{ tag, motd: 'good evening' }] }, strategy });

    /** The next process goes on with what the one before left. */
    async function takeOver(id: string): Promise<readonly [Process, Rollout]> {
      const next = lab.process();
      await next.shepherd.breakLock(id);
      for await (const rollout of next.shepherd.recover({ namespaces: ['shop'] })) return [next, rollout];
      throw new Error(`nobody could go on with ${id}`);
    }

    /** Helm hangs before it writes the Deployment; resolves when it is as far. */
    async function helmHangs(): Promise<() => void> {
      const takeBack = lab.sandbox.fault({ verb: 'PATCH', path: /deployments\/web(\?|$)/, agent: /helm/i }, 'hang');
      await expect.poll(async () => (await states()).at(-1), { timeout: 30_000 }).toBe('pending-upgrade');
      return takeBack;
    }

    /** Dies at the first step that no process before it died at, at the promotion in the middle of what helm writes. Undefined: it died. */
    function untilKilled(driver: Process, rollout: Rollout, killed: string[]): Promise<Outcome | undefined> {
      const known = killed.length;
      return new Promise((resolve, reject) => {
        const die = (): void => {
          driver.kill();
          resolve(undefined);
        };
        rollout.on('step-start', ({ index, step }) => {
          if (index < known || killed.length > known) return;
          killed.push(step.kind);
          if (step.kind !== 'promote') return die();
          helmHangs().then((takeBack) => {
            die();
            takeBack();
          }, reject);
        });
        void rollout.outcome.then((outcome) => (outcome.final ? resolve(outcome) : undefined));
      });
    }

    test.each(strategies)('%s: at each step, and in the middle of helm upgrade: the next one goes on, and no request is lost', async (_, strategy) => {
      const load = lab.sandbox.load('shop/web', { rate: 50 });
      let process = lab.process();
      let rollout = start(process, strategy, '1.1.0');
      const killed: string[] = [];
      let outcome: Outcome | undefined;
      while (outcome === undefined) {
        outcome = await untilKilled(process, rollout, killed);
        if (outcome === undefined) [process, rollout] = await takeOver(rollout.id);
      }
      assertOutcome(outcome, 'succeeded');
      const { requests, failed } = await load.stop();
      expect(killed).toEqual(expect.arrayContaining(['apply', 'ready', 'smoke', 'shift', 'analyse', 'promote', 'verify', 'retire']));
      expect([requests > 0, failed]).toEqual([true, 0]);
      expect([image(), live('deployments.apps', 'web')?.spec.replicas, live('services', 'web')?.spec.selector]).toEqual([
        'registry/web:1.1.0',
        2,
        { app: 'web' },
      ]);
      expect([names('deployments.apps'), names('configmaps'), names('secrets'), names('services')]).toEqual([['web'], ['web-config'], ['web-secret'], ['web']]);
      expect(await states()).toEqual(['superseded', 'deployed']);
    });

    test.each(strategies)('%s: while users are with the candidate, and a person runs helm upgrade: nothing breaks', async (_, strategy) => {
      const load = lab.sandbox.load('shop/web', { rate: 50 });
      const process = lab.process();
      const rollout = start(process, strategy, '1.1.0');
      await new Promise<void>((resolve) => rollout.on('weight-change', ({ to }) => (to === 100 ? resolve() : undefined)));
      process.kill();
      const said = await lab.byHand('upgrade', 'web', chart, '--set=tag=1.2.0').then(
        () => 'upgraded',
        (error: { readonly stderr: string }) => error.stderr,
      );
      // Helm 4 applies, and the API server names whose field it would take.
      if (said !== 'upgraded') expect([binary, said]).toEqual(['helm4', expect.stringMatching(/conflict.* with "shepherd"/)]);
      const sent = load.soFar().requests;
      await expect.poll(() => load.soFar().requests, { timeout: 30_000 }).toBeGreaterThan(sent + 200);
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      if (said === 'upgraded') expect(image()).toBe('registry/web:1.2.0');
    });
  });
});
