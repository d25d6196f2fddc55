import { afterEach, describe, expect, test } from 'vitest';
import { type GuideLab, guideLine, openGuide, whyNot } from './lab/guide-lab.js';

/** In production the name of the app is the answer. */
const yes = { 'Type shepherd to go on: ': 'shepherd\\n' };

/** `rollback.sh`, every line of the guide (F3–F7). */
describe.skipIf(whyNot !== undefined)('rollback.sh', { timeout: 300_000 }, () => {
  let lab: GuideLab;
  afterEach(() => lab[Symbol.asyncDispose]());
  const image = (): string | undefined => lab.get('deployments.apps', 'shepherd')?.spec.template.spec.containers[0].image;
  const journal = (): string =>
    JSON.stringify(lab.sandbox.objects.list('configmaps', 'production').filter(({ metadata }) => metadata.name !== 'shepherd-config'));

  test.each([
    ['./scripts/rollback.sh --namespace production', yes, undefined, 3],
    ['./scripts/rollback.sh --namespace production --reason "Performance degradation detected"', yes, 'Performance degradation detected', 3],
    [
      './scripts/rollback.sh --namespace production --reason "Performance degradation - rollback to stable version"',
      yes,
      'Performance degradation - rollback to stable version',
      3,
    ],
    ['./scripts/rollback.sh --namespace production --reason "Container registry unavailable"', yes, 'Container registry unavailable', 3],
    ['./scripts/rollback.sh --namespace production --force --reason "Critical security issue"', undefined, 'Critical security issue', 3],
    [
      './scripts/rollback.sh --namespace production --force --reason "Complete service outage - emergency rollback"',
      undefined,
      'Complete service outage - emergency rollback',
      3,
    ],
    ['./scripts/rollback.sh --namespace production --revision 5 --reason "Database migration failed"', yes, 'Database migration failed', 7],
  ])('%s', async (line, answers, reason, revisions) => {
    lab = await openGuide(revisions);
    const target = line.includes('--revision') ? 5 : revisions - 1;
    const { code, output } = await lab.line(guideLine(line), answers);
    expect([code, image()], output).toEqual([0, `registry/shepherd:1.${target}.9`]);
    expect((await lab.history()).at(-1)).toMatchObject({ status: 'deployed', description: `Rollback to ${target}` });
    if (reason !== undefined) expect(journal()).toContain(reason);
    expect((await lab.load.stop()).failed).toBe(0);
  });

  test('./scripts/rollback.sh --namespace production --list', async () => {
    lab = await openGuide(3);
    const before = lab.sandbox.writes;
    const { code, output } = await lab.line(guideLine('./scripts/rollback.sh --namespace production --list'));
    expect([code, lab.sandbox.writes - before], output).toEqual([0, 0]);
    const at = [3, 2, 1].map((revision) => output.indexOf(`registry/shepherd:1.${revision}.9`));
    expect(
      at.every((place) => place >= 0),
      output,
    ).toBe(true);
    expect(at, output).toEqual(at.toSorted((a, b) => a - b));
  });
});
