import { afterEach, describe, expect, test } from 'vitest';
import { flat, type GuideLab, guideLine, openGuide, whyNot } from './lab/guide-lab.js';

const yes = { '\\[y/N\\]': 'y\\n' };

/** `deploy.sh`, every line of the guide (C2–C9). */
describe.skipIf(whyNot !== undefined)('deploy.sh', { timeout: 300_000 }, () => {
  let lab: GuideLab;
  afterEach(() => lab[Symbol.asyncDispose]());
  const image = (namespace?: string): string | undefined => lab.get('deployments.apps', 'shepherd', namespace)?.spec.template.spec.containers[0].image;
  const replicas = (namespace?: string): number => lab.get('deployments.apps', 'shepherd', namespace)?.spec.replicas;
  const level = (namespace?: string): unknown =>
    (lab.get('configmaps', 'shepherd-config', namespace) as unknown as { readonly data: Readonly<Record<string, string>> }).data['LOG_LEVEL'];

  test.each([
    ['./scripts/deploy.sh --namespace staging --release shepherd --values helm/shepherd/values-staging.yaml'],
    ['./scripts/deploy.sh --namespace staging'],
  ])('%s: asks, installs there and nowhere else', async (line) => {
    lab = await openGuide(1);
    const { code, output } = await lab.line(guideLine(line), yes);
    expect([code, image('staging'), replicas('staging'), level('staging')], output).toEqual([0, 'registry/shepherd:1.2.0', 2, 'debug']);
    expect(output).toContain('values-staging.yaml');
    expect(image()).toBe('registry/shepherd:1.1.9');
  });

  test.each([
    ['./scripts/deploy.sh --namespace production --release shepherd --values helm/shepherd/values-prod.yaml', yes, 'info'],
    ['./scripts/deploy.sh --namespace production', yes, 'info'],
    ['./scripts/deploy.sh --namespace production --timeout 900 --yes', undefined, 'info'],
    ['./scripts/deploy.sh --namespace production --values custom-values.yaml', yes, 'trace'],
  ])('%s: releases the chart without a lost request', async (line, answers, wanted) => {
    lab = await openGuide(1);
    const { code, output } = await lab.line(guideLine(line), answers);
    expect([code, image(), replicas(), level()], output).toEqual([0, 'registry/shepherd:1.2.0', 6, wanted]);
    expect(output).toContain(answers === undefined ? 'succeeded' : '[y/N]');
    expect((await lab.load.stop()).failed).toBe(0);
    expect(lab.sandbox.objects.list('deployments.apps', 'staging')).toEqual([]);
  });

  test.each([
    ['./scripts/deploy.sh --namespace production --dry-run', 'first'],
    ['./scripts/deploy.sh --namespace production --dry-run', 'last'],
  ] as const)('%s, as written %s: shows what would be, and writes nothing', async (line, way) => {
    lab = await openGuide(1);
    const before = lab.sandbox.writes;
    const { code, output } = await lab.line(guideLine(line, way));
    expect([code, lab.sandbox.writes - before], output).toEqual([0, 0]);
    expect(flat(output)).toContain('values-prod.yaml');
    expect(output).toContain('registry/shepherd:1.1.9');
  });

  test('without a terminal and without --yes nothing is written, and the flag is named', async () => {
    lab = await openGuide(1);
    const { code, output } = await lab.line(guideLine('./scripts/deploy.sh --namespace production'));
    expect([code, output]).toEqual([2, expect.stringContaining('--yes')]);
    expect(image()).toBe('registry/shepherd:1.1.9');
  });
});
