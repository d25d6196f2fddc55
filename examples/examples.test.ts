import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertOutcome } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { example as blueGreen } from './blue-green.js';
import { example as canary } from './canary.js';
import { example as customCheck } from './custom-check.js';
import { example as customGate } from './custom-gate.js';
import { example as customStep } from './custom-step.js';
import { example as customStrategy } from './custom-strategy.js';
import { example as featureFlag } from './feature-flag.js';
import { example as maintenanceWindow } from './maintenance-window.js';
import { example as quickstart } from './quickstart.js';
import { example as rolling } from './rolling.js';
import { example as takenBack } from './taken-back.js';
import { example as telemetry } from './telemetry.js';

const cases = [
  ['quickstart', quickstart, 'succeeded', 'traffic 0 % → 14 % (asked for 10 %)'],
  ['rolling', rolling, 'succeeded', 'done in 10 min: well for 10m'],
  ['blue-green', blueGreen, 'succeeded', 'traffic 0 % → 100 %'],
  ['canary', canary, 'rolled-back', 'candidate'],
  ['taken-back', takenBack, 'rolled-back', 'going back'],
  ['custom-strategy', customStrategy, 'succeeded', 'wait 2 min'],
  ['custom-step', customStep, 'succeeded', '2 paths are warm'],
  ['custom-check', customCheck, 'rolled-back', 'took'],
  ['custom-gate', customGate, 'succeeded', 'the shop is busy until 1:00 UTC'],
  ['maintenance-window', maintenanceWindow, 'failed-untouched', 'opens 2026-01-01T01:00:00Z (2026-01-01 02:00 Europe/Berlin)'],
  ['telemetry', telemetry, 'succeeded', 'dev.cdevents.service.upgraded.0.3.0'],
  ['feature-flag', featureFlag, 'failed-untouched', 'flag releases is false, expected true'],
] as const;

test.each(cases)('example %s', async (name, example, kind, line) => {
  const lines: string[] = [];
  assertOutcome(await example((text: string) => void lines.push(text)), kind);
  expect(lines.join('\n')).toContain(line);
  expect(
    readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
      .trimEnd()
      .split('\n').length,
  ).toBeLessThanOrEqual(40);
});
