import { BlueGreen, Canary, RollingUpdate, type RolloutEvent } from '@shepherd/core';
import { expect, test } from 'vitest';
import { recordEvents } from '../__fixtures__/record-events.js';
import { PlainLines } from './plain-lines.js';

/** The lines as they come, with a look at the clock each second. */
function linesOf(events: readonly RolloutEvent[]): string {
  const plain = new PlainLines({ planShown: true });
  const lines: string[] = [];
  let nowMs = Date.parse(events[0]?.at ?? '');
  for (const event of events) {
    for (const at = Date.parse(event.at); nowMs + 1_000 <= at; ) lines.push(...plain.tick((nowMs += 1_000)));
    lines.push(...plain.event(event));
  }
  return `${lines.join('\n')}\n`;
}

const release = { version: '1.1.0' };
const golden = (name: string): string => `../__fixtures__/golden/${name}.txt`;
const health = { use: 'shepherd/http', extension: 'check', input: { path: '/api/health' } } as const;

test('a canary, stage by stage', async () => {
  const strategy = new Canary({ stages: [25, 50, 100], interval: '5m', analysis: false });
  await expect(linesOf(await recordEvents({ release, strategy }))).toMatchFileSnapshot(golden('canary-good'));
});

test('a canary whose health check fails', async () => {
  const strategy = new Canary({ stages: [25, 50, 100], interval: '5m', analysis: false });
  const versions = { '1.1.0': { reply: () => ({ status: 503 }) } };
  await expect(linesOf(await recordEvents({ release, strategy, checks: [health] }, { versions }))).toMatchFileSnapshot(golden('canary-sick'));
});

test('blue/green', async () => {
  const strategy = new BlueGreen({ soak: '90s', analysis: false });
  await expect(linesOf(await recordEvents({ release, strategy, checks: [health] }))).toMatchFileSnapshot(golden('blue-green-good'));
});

test('a rolling release that crashes', async () => {
  const versions = { '1.1.0': { doomed: 'CrashLoopBackOff', startupMs: 45_000 } };
  await expect(linesOf(await recordEvents({ release, strategy: new RollingUpdate() }, { versions }))).toMatchFileSnapshot(golden('rolling-crash'));
});

test('the plan comes first for who has not seen it', async () => {
  const [start] = await recordEvents({ release, checks: [] });
  const [first, ...rest] = new PlainLines({ planShown: false }).event(start as RolloutEvent);
  expect(first).toMatch(/^00:00:00 plan [0-9a-f]+ for memory\/default\/web$/);
  expect(rest.join('\n')).toContain('replace the pods one after the other');
});
