import { Canary, formatPlan, Shepherd } from '@shepherd/core';
import { createMemoryPlatform } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { planText } from './plan-text.js';

const findings = [{ id: 'x', level: 'warning', message: `pods ${'very '.repeat(20)}likely lose requests`, fix: 'drain them' }] as const;
await using shepherd = new Shepherd({ platform: createMemoryPlatform({ replicas: 6, findings }) });
const plan = await shepherd.plan({ app: 'web', release: { version: '1.1.0' }, strategy: new Canary({ stages: [10, 100], analysis: false }) });

test('where there is room, or no screen, it is the text of core', () => {
  expect(planText(plan, 400)).toBe(formatPlan(plan));
  expect(planText(plan, undefined)).toBe(formatPlan(plan));
});

test.each([60, 80, 100])('%i columns: every line fits, every step is there', (columns) => {
  const lines = planText(plan, columns).split('\n');
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  expect(lines.filter((line) => /^ *\d+ {2}/.test(line)).length).toBe(plan.steps.length);
});

test('a line in three pieces: the second and the third stand side by side', () => {
  const [first, second, third] = planText(plan, 50)
    .split('\n')
    .slice(
      planText(plan, 50)
        .split('\n')
        .findIndex((line) => line.startsWith('warning')),
    );
  expect([first, second, third].map((line) => /^ */.exec(line ?? '')?.[0].length)).toEqual([0, 2, 2]);
});

test('narrow', async () => {
  await expect(`${planText(plan, 70)}\n`).toMatchFileSnapshot('../__fixtures__/golden/plan-narrow.txt');
});
