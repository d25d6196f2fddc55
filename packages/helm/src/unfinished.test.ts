import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { assertOutcome } from '@shepherd/core/testing';
import type { FaultMatch } from '@shepherd/sandbox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, openHelmLab } from './__fixtures__/lab.js';

interface Live {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } } };
}

describe.each(binaries)('%s killed in the middle of an upgrade', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    beforeEach(async () => {
      lab = await openHelmLab(binary);
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart: lab.chart } }).outcome, 'succeeded');
    });
    afterEach(() => lab[Symbol.asyncDispose]());

    const live = (): Live => lab.sandbox.objects.get('deployments.apps', 'shop', 'web') as unknown as Live;
    const image = (): string => live().spec.template.spec.containers[0].image;
    const next = () => ({ chart: lab.chart, values: [{ tag: '1.1.0' }] });
    const states = async (): Promise<readonly string[]> =>
      (JSON.parse(await lab.byHand('history', 'web', '-o', 'json')) as { status: string }[]).map(({ status }) => status);
    const stuck = { track: 'stable', replicas: 2 } as const;

    /** An upgrade by a holder of the lock that dies: everything that it had going hangs, then ends with it. */
    async function die(fence: number, where: FaultMatch): Promise<void> {
      const takeBack = lab.sandbox.fault(where, 'hang');
      const life = new AbortController();
      const upgrade = lab.platform.releases.apply({ ...lab.write(fence), signal: life.signal }, next(), stuck);
      upgrade.catch(() => undefined);
      await expect.poll(async () => (await states()).at(-1), { timeout: 20_000 }).toBe('pending-upgrade');
      await new Promise((resolve) => setTimeout(resolve, 300));
      life.abort();
      await expect(upgrade).rejects.toThrow();
      takeBack();
    }

    const before = { verb: 'PATCH', path: /deployments\/web/, agent: /helm/i };
    const after = { verb: 'PUT', path: /secrets\//, agent: /helm/i };

    test.each([
      ['before it wrote the Deployment', before],
      ['after it wrote the Deployment', after],
    ])('%s: the next holder goes on', async (_, where) => {
      await die(100, where);
      expect(await states()).toEqual(['deployed', 'pending-upgrade']);
      await lab.platform.releases.apply(lab.write(101, 'rollout-100'), next(), stuck);
      expect([image(), await states()]).toEqual(['registry/web:1.1.0', ['superseded', 'deployed']]);
      // Written once, whenever: not back and forth, for which pods would go and come again.
      await expect
        .poll(() =>
          lab.sandbox.objects
            .list('replicasets.apps', 'shop')
            .map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'])
            .toSorted(),
        )
        .toEqual(['1', '2']);
    });

    test.each([
      ['before it wrote the Deployment', before],
      ['after it wrote the Deployment', after],
    ])('%s: the next holder takes it back', async (_, where) => {
      const [{ hash = '' } = {}] = await lab.platform.releases.list(lab.read);
      await die(100, where);
      await lab.platform.releases.restore(lab.write(101, 'rollout-100'), hash);
      expect(image()).toBe('registry/web:1.0.0');
      expect((await states()).filter((state) => state !== 'superseded')).toEqual(['deployed']);
    });

    test('an earlier holder is refused, whatever helm it has', async () => {
      await die(100, before);
      await lab.platform.fence?.(lab.write(102));
      await expect(lab.platform.releases.apply(lab.write(101), next(), stuck)).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
      expect(image()).toBe('registry/web:1.0.0');
    });

    test('of a helm that Shepherd did not start nobody knows: it is named, and nothing is touched', async () => {
      const takeBack = lab.sandbox.fault(before, 'hang');
      const args = ['upgrade', 'web', lab.chart, '--set=tag=1.2.0', '--namespace=shop', `--kubeconfig=${join(lab.home, 'kubeconfig')}`];
      const child = spawn(binary, args, { stdio: 'ignore' });
      await expect.poll(async () => (await states()).at(-1), { timeout: 20_000 }).toBe('pending-upgrade');
      child.kill('SIGKILL');
      await once(child, 'close');
      takeBack();
      const outcome = await lab.shepherd.deploy({ app: 'web', release: next() }).outcome;
      expect(outcome).toMatchObject({ kind: 'failed-untouched', error: { code: 'ERR_RELEASE_PENDING', facts: { release: 'web', status: 'pending-upgrade' } } });
      expect([image(), await states()]).toEqual(['registry/web:1.0.0', ['deployed', 'pending-upgrade']]);
    });
  });
});
