import { afterEach, describe, expect, test } from 'vitest';
import { type GuideLab, guideLine, openGuide, whyNot } from './lab/guide-lab.js';

/** Going back in production wants the name of the app. */
const named = { 'Type shepherd to go on: ': 'shepherd\\n' };
const question = { '\\[y/N\\]': 'y\\n' };
/** The question before the start, and the one before the switch. */
const yes = { ...question, 'y = go on, n = take it back': 'y' };

/** `deploy-blue-green.sh`, every line of the guide (D4–D8, D15). */
describe.skipIf(whyNot !== undefined)('deploy-blue-green.sh', { timeout: 300_000 }, () => {
  let lab: GuideLab;
  afterEach(() => lab[Symbol.asyncDispose]());
  const image = (): string | undefined => lab.get('deployments.apps', 'shepherd')?.spec.template.spec.containers[0].image;
  const isSwitched = (object: object): boolean => JSON.stringify((object as { spec: { selector: object } }).spec.selector).includes('candidate');
  const isPromoted = (object: object): boolean => JSON.stringify(object).includes('"image":"shepherd:v2.0.0"');

  test.each([
    ['./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0', yes, 300],
    ['./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0 --auto', undefined, 300],
    ['./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0 --grace-period 600', yes, 600],
    ['./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0 --smoke-timeout 300', yes, 300],
  ])('%s', async (line, answers, graceSeconds) => {
    lab = await openGuide(1);
    const switched = lab.when('services', 'shepherd', isSwitched);
    const promoted = lab.when('deployments.apps', 'shepherd', isPromoted);
    const { code, output } = await lab.line(guideLine(line), answers);
    expect([code, image()], output).toEqual([0, 'shepherd:v2.0.0']);
    const stoodMs = (await promoted) - (await switched);
    expect(stoodMs / 1_000).toBeGreaterThanOrEqual(graceSeconds);
    expect((await lab.load.stop()).failed).toBe(0);
    expect(lab.sandbox.objects.list('deployments.apps', 'production')).toHaveLength(1);
  });

  test('no before the switch: users stay where they are, and the new side goes', async () => {
    lab = await openGuide(1);
    const no = {
      ...yes,
      ...Object.fromEntries(
        Object.keys(yes)
          .slice(1)
          .map((key) => [key, 'n']),
      ),
    };
    const { code, output } = await lab.line(guideLine('./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0'), no);
    expect([code, image()], output).toEqual([3, 'registry/shepherd:1.1.9']);
    const { byImage, failed } = await lab.load.stop();
    expect([Object.keys(byImage), failed]).toEqual([['registry/shepherd:1.1.9'], 0]);
  });

  test.each([['./scripts/deploy-blue-green.sh --rollback'], ['./scripts/rollback.sh --namespace production --reason "Error rate spike detected"']])(
    'after a release: %s',
    async (line) => {
      lab = await openGuide(1);
      const first = await lab.line(guideLine('./scripts/deploy-blue-green.sh --namespace production --image shepherd:v2.0.0 --auto'));
      expect([first.code, image()], first.output).toEqual([0, 'shepherd:v2.0.0']);
      const { code, output } = await lab.line(guideLine(line), named);
      expect([code, image()], output).toEqual([0, 'registry/shepherd:1.1.9']);
      expect((await lab.load.stop()).failed).toBe(0);
    },
  );
});
