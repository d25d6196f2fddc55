import type { Outcome, Rollout, Strategy } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Beside, openBeside, strategies } from './__fixtures__/beside.js';
import { binaries, isMissing, type Process } from './__fixtures__/lab.js';

const request = { app: 'web', drain: '1s' } as const;

describe.each(binaries)('%s: the driver of a chart dies', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let app: Beside;
    beforeEach(async () => {
      app = await openBeside(binary);
    });
    afterEach(() => app.lab[Symbol.asyncDispose]());

    const states = async (): Promise<readonly string[]> => (await app.history()).map(({ status }) => status);
    const start = (by: Process, strategy: Strategy, tag: string): Rollout =>
      by.shepherd.deploy({ ...request, release: { chart: app.chart, values: [{ tag, motd: 'good evening' }] }, strategy });

    /** The next process goes on with what the one before left. */
    async function takeOver(id: string): Promise<readonly [Process, Rollout]> {
      const next = app.lab.process();
      await next.shepherd.breakLock(id);
      for await (const rollout of next.shepherd.recover({ namespaces: ['shop'] })) return [next, rollout];
      throw new Error(`nobody could go on with ${id}`);
    }

    /** Helm hangs before it writes the Deployment; resolves when it is as far. */
    async function helmHangs(): Promise<() => void> {
      const takeBack = app.lab.sandbox.fault({ verb: 'PATCH', path: /deployments\/web(\?|$)/, agent: /helm/i }, 'hang');
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
      const load = app.lab.sandbox.load('shop/web', { rate: 50 });
      let process = app.lab.process();
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
      expect([app.image(), app.live('deployments.apps', 'web')?.spec.replicas, app.live('services', 'web')?.spec.selector]).toEqual([
        'registry/web:1.1.0',
        2,
        { app: 'web' },
      ]);
      expect([app.names('deployments.apps'), app.names('configmaps'), app.names('secrets'), app.names('services')]).toEqual([
        ['web'],
        ['web-config'],
        ['web-secret'],
        ['web'],
      ]);
      expect(await states()).toEqual(['superseded', 'deployed']);
    });

    test.each(strategies)('%s: while users are with the candidate, and a person runs helm upgrade: nothing breaks', async (_, strategy) => {
      const load = app.lab.sandbox.load('shop/web', { rate: 50 });
      const process = app.lab.process();
      const rollout = start(process, strategy, '1.1.0');
      await new Promise<void>((resolve) => rollout.on('weight-change', ({ to }) => (to === 100 ? resolve() : undefined)));
      process.kill();
      const said = await app.lab.byHand('upgrade', 'web', app.chart, '--set=tag=1.2.0').then(
        () => 'upgraded',
        (error: { readonly stderr: string }) => error.stderr,
      );
      // Helm 4 applies, and the API server names whose field it would take.
      if (said !== 'upgraded') expect([binary, said]).toEqual(['helm4', expect.stringMatching(/conflict.* with "shepherd"/)]);
      const sent = load.soFar().requests;
      await expect.poll(() => load.soFar().requests, { timeout: 30_000 }).toBeGreaterThan(sent + 200);
      const { requests, failed } = await load.stop();
      expect([requests > 0, failed]).toEqual([true, 0]);
      if (said === 'upgraded') expect(app.image()).toBe('registry/web:1.2.0');
    });
  });
});
