import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlueGreen, Canary, type DeployRequest, RollingUpdate, ShepherdError } from '@shepherd/core';
import { assertOutcome } from '@shepherd/core/testing';
import { type KubeRelease, kubernetes } from '@shepherd/kube';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaries, type HelmLab, isMissing, makeChart, openHelmLab } from './__fixtures__/lab.js';
import { type ChartRelease, helm } from './index.js';

describe.each(binaries)('%s: what is wrong is refused, typed, before anything is written', (binary) => {
  describe.skipIf(isMissing(binary))('', () => {
    let lab: HelmLab;
    beforeAll(async () => {
      lab = await openHelmLab(binary);
      assertOutcome(await lab.shepherd.deploy({ app: 'web', release: { chart: lab.chart } }).outcome, 'succeeded');
    });
    afterAll(() => lab[Symbol.asyncDispose]());

    async function refused(
      release: ChartRelease | KubeRelease,
      code: string,
      more: Partial<DeployRequest<ChartRelease | KubeRelease>> = {},
    ): Promise<ShepherdError> {
      const before = lab.sandbox.writes;
      const error = await lab.shepherd.plan({ app: 'web', release, strategy: new RollingUpdate(), ...more }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(ShepherdError.is(error), String(error)).toBe(true);
      expect({ code: (error as ShepherdError).code, message: (error as ShepherdError).message }).toEqual({ code, message: expect.any(String) });
      expect((error as ShepherdError).remedy).not.toBe('');
      expect((error as ShepherdError).message).not.toMatch(/127\.0\.0\.1/);
      expect(lab.sandbox.writes - before).toBe(0);
      return error as ShepherdError;
    }

    test('a chart that is not there', async () => {
      expect((await refused({ chart: join(lab.home, 'nope') }, 'ERR_CHART')).message).toContain('nope');
      await refused({ chart: './nope-1.0.0.tgz' }, 'ERR_CHART');
    });

    test('a chart that is no YAML, or no template', async () => {
      await refused({ chart: await makeChart(lab.home, { more: { 'templates/bad.yaml': 'a: b: c\n' } }) }, 'ERR_CHART');
      await refused({ chart: await makeChart(lab.home, { more: { 'templates/bad.yaml': '{{ .Values.nope.deep }}\n' } }) }, 'ERR_CHART');
      await refused({ chart: await makeChart(lab.home, { more: { 'Chart.yaml': 'name: [\n' } }) }, 'ERR_CHART');
      await refused({ chart: await makeChart(lab.home, { more: { 'templates/deployment.yaml': '' } }) }, 'ERR_CHART');
    });

    test('values that fail the schema are named by path', async () => {
      const { facts } = (await refused({ chart: lab.chart, values: [{ replicas: 'three' }] }, 'ERR_CHART_VALUES')) as ShepherdError<'ERR_CHART_VALUES'>;
      expect(facts.issues).toEqual([expect.objectContaining({ path: expect.stringContaining('replicas'), got: 'string', expected: 'integer' })]);
    });

    test('a values file that is not there, broken or a list', async () => {
      const files = { 'broken.yaml': 'a: [\n', 'list.yaml': '- a\n' };
      for (const [name, text] of Object.entries(files)) await writeFile(join(lab.home, name), text);
      for (const name of ['missing.yaml', ...Object.keys(files)]) {
        expect((await refused({ chart: lab.chart, values: [join(lab.home, name)] }, 'ERR_CHART_VALUES')).message).toContain(name);
      }
    });

    test('a release of another chart', async () => {
      const chart = await makeChart(lab.home, { name: 'other' });
      const { facts } = (await refused({ chart, name: 'web' }, 'ERR_RELEASE_TAKEN')) as ShepherdError<'ERR_RELEASE_TAKEN'>;
      expect(facts).toEqual({ release: 'web', found: 'web-1.0.0', wanted: 'other' });
    });

    test('objects that belong to another release', async () => {
      await refused(
        {
          chart: await makeChart(lab.home, { more: { 'templates/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web-config }\n' } }),
          name: 'second',
        },
        'ERR_CONFLICT',
      );
    });

    test('fields that mean nothing', async () => {
      const bad = [
        { chart: '--post-renderer=x' },
        { chart: lab.chart, name: 'Web' },
        { chart: lab.chart, vlaues: [] },
        { chart: lab.chart, values: 'x' },
        { chart: lab.chart, version: '-x' },
      ];
      for (const release of bad) await refused(release as ChartRelease, 'ERR_INVALID_OPTIONS');
    });

    test('blue-green and canary of a chart that asks for a hook before its pods', async () => {
      const hook = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: migrate\n  annotations: { helm.sh/hook: pre-upgrade }\n';
      const release = { chart: await makeChart(lab.home, { more: { 'templates/hook.yaml': hook } }), values: [{ tag: '1.1.0' }] };
      await refused(release, 'ERR_PREFLIGHT', { strategy: new BlueGreen() });
      await refused(release, 'ERR_PREFLIGHT', { strategy: new Canary({ stages: [50, 100], analysis: false }) });
    });

    test('an image for an app that is not there', async () => {
      await refused({ image: 'registry/web:1.1.0' }, 'ERR_APP_NOT_FOUND', { app: 'nothing' });
    });

    test('a revision that does not exist', async () => {
      const outcome = await lab.shepherd.rollback({ app: 'web', to: 'abcdef0123' }).outcome;
      assertOutcome(outcome, 'failed-untouched');
      expect(outcome.error.code).toBe('ERR_REVISION_NOT_FOUND');
      await expect(lab.platform.releases.restore(lab.write(99), 'abcdef0123')).rejects.toMatchObject({ code: 'ERR_REVISION_NOT_FOUND' });
    });

    test('a revision that helm has pruned', async () => {
      const [before] = await lab.platform.releases.list(lab.read);
      for (const tag of ['1.1.0', '1.2.0']) await lab.byHand('upgrade', 'web', lab.chart, `--set=tag=${tag}`, '--history-max=1');
      for (const to of ['#1', before?.hash ?? '']) {
        const outcome = await lab.shepherd.rollback({ app: 'web', to }).outcome;
        assertOutcome(outcome, 'failed-untouched');
        expect(outcome.error.code).toBe('ERR_REVISION_NOT_FOUND');
      }
    });
  });
});

describe('helm itself', () => {
  const tool = async (binary: string): Promise<unknown> => {
    const lab = await openHelmLab(binary);
    try {
      return await lab.shepherd.plan({ app: 'web', release: { chart: lab.chart } }).catch((error: unknown) => error);
    } finally {
      await lab[Symbol.asyncDispose]();
    }
  };
  const script = async (name: string, text: string): Promise<string> => {
    const path = join(process.env['TMPDIR'] ?? '/tmp', `shepherd-${name}-${process.pid}`);
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  };

  test('not installed', async () => {
    expect(await tool('helm-that-is-not-there')).toMatchObject({ code: 'ERR_TOOL', facts: { found: 'nothing' } });
  });

  test.each([
    ['too old', 'v3.19.9'],
    ['too old', 'v4.0.5'],
    ['too new', 'v5.0.0'],
    ['something else', 'hello'],
  ])('%s: %s', async (_, version) => {
    expect(await tool(await script('helm', `echo ${version}`))).toMatchObject({ code: 'ERR_TOOL', facts: { found: version } });
  });

  test('killed', async () => {
    const killed = await script('helm', 'if [ "$1" = version ]; then echo v3.20.2; else kill -9 $$; fi');
    // A plan asks for the history and renders the chart side by side: either may be the first to die.
    expect(await tool(killed)).toMatchObject({ code: 'ERR_TOOL_FAILED', facts: { signal: 'SIGKILL', command: expect.stringMatching(/^(history|upgrade)$/) } });
  });

  test('a platform that has no cluster for a child', () => {
    const { childEnv: _, ...rest } = kubernetes();
    expect(() => helm(rest)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }));
  });
});
