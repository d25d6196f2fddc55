import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertOutcome } from '@shepherd/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, openHelmLab } from './__fixtures__/lab.js';

describe.each(binaries)('%s, begun before it may write', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shepherd-begun-'));
      // Helm itself, and a line for each start of it.
      const counted = join(folder, 'helm');
      await writeFile(counted, `#!/bin/sh\necho "$*" >> '${folder}/starts'\nexec ${binary} "$@"\n`);
      await chmod(counted, 0o755);
      lab = await openHelmLab(counted);
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart: lab.chart } }).outcome, 'succeeded');
      await writeFile(join(folder, 'starts'), '');
    });
    afterEach(async () => {
      await lab[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    const starts = async (verb: string): Promise<number> =>
      (await readFile(join(folder, 'starts'), 'utf8')).split('\n').filter((line) => line.startsWith(verb) && !line.includes('--dry-run')).length;
    const upgrades = (): Promise<number> => starts('upgrade');
    const states = async (): Promise<readonly string[]> =>
      (JSON.parse(await lab.byHand('history', 'web', '-o', 'json')) as { status: string }[]).map(({ status }) => status);
    const images = (): unknown => {
      const { spec } = lab.sandbox.objects.get('deployments.apps', 'shop', 'web') as unknown as {
        spec: { template: { spec: { containers: { image: string }[] } } };
      };
      return spec.template.spec.containers.map(({ image }) => image);
    };
    const release = (tag: string) => ({ chart: lab.chart, values: [{ tag }] });
    const stable = { track: 'stable', replicas: 2 } as const;

    test('one start of helm: it writes when the release is applied, and not before', async () => {
      await lab.platform.fence?.(lab.write(100));
      lab.platform.releases.begin?.(lab.write(100), { release: release('1.1.0') });
      await expect.poll(upgrades, { timeout: 10_000 }).toBe(1);
      expect([await states(), images()]).toEqual([['deployed'], ['registry/web:1.0.0']]);
      await lab.platform.releases.apply(lab.write(100), release('1.1.0'), stable);
      expect([await states(), images(), await upgrades()]).toEqual([['superseded', 'deployed'], ['registry/web:1.1.0'], 1]);
    });

    test('another release, or another holder of the lock: what was begun writes nothing', async () => {
      await lab.platform.fence?.(lab.write(100));
      lab.platform.releases.begin?.(lab.write(100), { release: release('1.2.0') });
      await lab.platform.releases.apply(lab.write(100), release('1.1.0'), stable);
      expect([await states(), images()]).toEqual([['superseded', 'deployed'], ['registry/web:1.1.0']]);
      await lab.platform.fence?.(lab.write(101));
      lab.platform.releases.begin?.(lab.write(101), { release: release('1.2.0') });
      await lab.platform.fence?.(lab.write(102));
      await expect(lab.platform.releases.apply(lab.write(101), release('1.2.0'), stable)).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
      expect([await states(), images()]).toEqual([['superseded', 'deployed'], ['registry/web:1.1.0']]);
    });

    test('a rollout starts it once, while its intent is stored', async () => {
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: release('1.1.0') }).outcome, 'succeeded');
      expect([images(), await upgrades()]).toEqual([['registry/web:1.1.0'], 1]);
    });

    test('so is a rollback: one start of helm, which writes when the revision is restored', async () => {
      const [{ hash = '' } = {}] = await lab.platform.releases.list(lab.read);
      await lab.byHand('upgrade', 'web', lab.chart, '--set=tag=1.1.0');
      assertOutcome(await lab.shepherd.rollback({ app: 'web', to: hash }).outcome, 'succeeded');
      expect([images(), await starts('rollback')]).toEqual([['registry/web:1.0.0'], 1]);
      await lab.byHand('upgrade', 'web', lab.chart, '--set=tag=1.2.0');
      const before = await states();
      await lab.platform.fence?.(lab.write(100));
      lab.platform.releases.begin?.(lab.write(100), { restore: hash });
      await expect.poll(() => starts('rollback'), { timeout: 10_000 }).toBe(2);
      expect([await states(), images()]).toEqual([before, ['registry/web:1.2.0']]);
      await lab.platform.releases.restore(lab.write(100), hash);
      expect([(await states()).length, images(), await starts('rollback')]).toEqual([before.length + 1, ['registry/web:1.0.0'], 2]);
    });

    test('somebody else wrote another version meanwhile: nothing is written over it', async () => {
      const [{ hash = '' } = {}] = await lab.platform.releases.list(lab.read);
      await lab.byHand('upgrade', 'web', lab.chart, '--set=tag=1.2.0');
      await lab.platform.fence?.(lab.write(100));
      lab.platform.releases.begin?.(lab.write(100), { release: release('1.1.0') });
      await expect(lab.platform.releases.apply(lab.write(100), release('1.1.0'), { ...stable, over: [hash] })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
      expect([await states(), images()]).toEqual([['superseded', 'deployed'], ['registry/web:1.2.0']]);
    });
  });
});
