import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const chart = fileURLToPath(new URL('helm/shepherd', import.meta.url));

describe.each(['helm', 'helm4'])("the guide's chart, by %s", (binary) => {
  const run = (...args: readonly string[]) => spawnSync(binary, args, { encoding: 'utf8' });
  describe.skipIf(run('version').error !== undefined)('', () => {
    test.each([[[]], [['values-staging.yaml']], [['values-prod.yaml']]])('lints and renders with %j', (files) => {
      const flags = files.map((file) => `--values=${chart}/${file}`);
      expect(run('lint', '--strict', chart, ...flags).stdout).toContain('0 chart(s) failed');
      const { status, stdout } = run('template', 'shepherd', chart, ...flags);
      expect(status).toBe(0);
      expect(stdout).toContain('image: "registry/shepherd:1.2.0"');
    });

    test('a moving tag fails its schema', () => {
      expect(run('template', 'shepherd', chart, '--set=image.tag=latest').stderr).toContain("values don't meet the specifications of the schema");
    });
  });
});
