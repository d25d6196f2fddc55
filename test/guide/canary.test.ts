import { afterEach, describe, expect, test } from 'vitest';
import { type GuideLab, guideLine, openGuide, whyNot } from './lab/guide-lab.js';

const yes = { '\\[y/N\\]': 'y\\n', 'y = go on, n = take it back': 'y' };

/** `canary-deploy.sh`, every line of the guide (E7–E11). */
describe.skipIf(whyNot !== undefined)('canary-deploy.sh', () => {
  let lab: GuideLab;
  afterEach(() => lab[Symbol.asyncDispose]());

  test.each([
    ['./scripts/canary-deploy.sh --namespace production --image shepherd:v2.1.0', yes, 5 * 300],
    ['./scripts/canary-deploy.sh --namespace production --image shepherd:v2.1.0 --stages "5,10,25,50,100"', yes, 5 * 300],
    ['./scripts/canary-deploy.sh --namespace production --image shepherd:v2.1.0 --auto --interval 180', undefined, 5 * 180],
    ['./scripts/canary-deploy.sh --namespace production --image shepherd:v2.1.0 --error-threshold 2', yes, 5 * 300],
  ])(
    '%s',
    async (line, answers, seconds) => {
      lab = await openGuide(1);
      const before = lab.sandbox.elapsedMs;
      const { code, output } = await lab.line(guideLine(line), answers);
      expect([code, lab.get('deployments.apps', 'shepherd').spec.template.spec.containers[0].image], output).toEqual([0, 'shepherd:v2.1.0']);
      expect((lab.sandbox.elapsedMs - before) / 1_000).toBeGreaterThanOrEqual(seconds);
      expect((await lab.load.stop()).failed).toBe(0);
      expect(lab.sandbox.objects.list('deployments.apps', 'production')).toHaveLength(1);
    },
    300_000,
  );
});
