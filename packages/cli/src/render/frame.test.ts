import { BlueGreen, Canary, type RolloutEvent } from '@shepherd/core';
import { expect, test } from 'vitest';
import { recordEvents } from '../__fixtures__/record-events.js';
import { type FrameOptions, frame } from './frame.js';
import { cut } from './paint.js';
import { advance, noProgress, type Progress } from './progress.js';

const release = { version: '1.1.0' };
const stages = [25, 50, 100];
const canary = new Canary({ stages, interval: '5m', analysis: false });
const events = await recordEvents({ release, strategy: canary });

const until = (all: readonly RolloutEvent[], stop: (event: RolloutEvent) => boolean): Progress =>
  all.slice(0, all.findIndex(stop) + 1).reduce<Progress>(advance, noProgress);
const monitoring = until(events, (event) => event.type === 'step-start' && event.step.kind === 'analyse' && event.index > 5);
const startedMs = Math.max(...Object.values(monitoring.marks).map((mark) => mark.startedMs));
const options: FrameOptions = { width: 80, rows: 24, nowMs: startedMs + 65_000, title: 'registry/web:1.1.0', hint: 'Ctrl-C takes it back' };
const texts = (progress: Progress, changed: Partial<FrameOptions> = {}): readonly string[] =>
  frame(progress, { ...options, ...changed }).map(({ text }) => text);
const golden = (name: string): string => `../__fixtures__/golden/${name}.txt`;

test('in the middle of a stage', async () => {
  await expect(`${texts(monitoring).join('\n')}\n`).toMatchFileSnapshot(golden('frame-monitoring'));
});

test('at the end', async () => {
  await expect(`${texts(events.reduce(advance, noProgress)).join('\n')}\n`).toMatchFileSnapshot(golden('frame-succeeded'));
});

test('on the way back', async () => {
  const versions = { '1.1.0': { reply: () => ({ status: 503 }) } };
  const checks = [{ use: 'shepherd/http', extension: 'check', input: { path: '/api/health' } }] as const;
  const sick = await recordEvents({ release, strategy: new BlueGreen({ analysis: false }), checks }, { versions });
  const back = until(sick, (event) => event.type === 'rollback-start');
  await expect(`${texts({ ...back, index: 0 }).join('\n')}\n`).toMatchFileSnapshot(golden('frame-going-back'));
});

test('a question says how long there is to answer', () => {
  const until = new Date(options.nowMs + 90_000).toISOString();
  expect(texts({ ...monitoring, question: { text: 'before 50 %', until } }).at(-2)).toBe('before 50 %. y = go on, n = take it back (1 min 30 s left, then no)');
});

test.each([20, 30, 40, 60, 100])('a terminal %i wide: the footer and the bar fit, nothing is lost but words', (width) => {
  const rows = texts(monitoring, { width });
  expect(rows.at(-1)?.length).toBeLessThanOrEqual(Math.max(width, 'step 8 of 17'.length));
  for (const row of rows.slice(0, 3)) expect(row.length).toBeLessThanOrEqual(Math.max(width, '  0 % of traffic on the new version'.length));
  expect(rows.map((row) => cut(row, width)).filter((row) => row.length > width)).toEqual([]);
});

test.each([8, 10, 12])('a terminal of %i rows keeps the head, the running step and the foot', (rows) => {
  const shown = texts(monitoring, { rows });
  expect(shown.length).toBeLessThanOrEqual(rows - 1);
  expect(shown[0]).toContain('web → registry/web:1.1.0');
  expect(shown.some((row) => row.startsWith('▸'))).toBe(true);
  expect(shown.at(-1)).toMatch(/^step \d+ of \d+/);
});

test('a stage that metrics judge: error rate and P99 as lines while it runs, its verdict with counts once it is over', () => {
  const data = (at: number) => ({
    poll: {
      at: new Date(startedMs + at * 15_000).toISOString(),
      counts: { candidate: { requests: 500, errors: at }, stable: { requests: 500, errors: 1 } },
      slow: [{ candidate: 5, stable: 5 }],
    },
    bounds: [0.25],
  });
  const polled = [1, 2, 3, 4].reduce<Progress>((so, at) => advance(so, { ...progressEvent(), data: data(at) }), monitoring);
  const running = texts(polled);
  expect(running).toContain('    errors  ▃▅▇█ 0.8 % (old version 0.2 %)');
  expect(running).toContain('    P99     ████ about 250 ms (old version about 250 ms)');
  const evidence = { summary: 'goes on: candidate 10 of 2,000 requests failed (0.5 %), stable 4 of 2,000 (0.2 %)', data: {} };
  const over = advance(polled, { ...base(), type: 'step-end', index: polled.index, verdict: { kind: 'pass', evidence }, ms: 300_000 });
  expect(texts(over, { width: 100 })).toContain(`    pass: ${evidence.summary}`);
});

const base = () => ({
  rolloutId: 'r',
  app: { cluster: 'c', namespace: 'n', name: 'web' },
  sequence: 9,
  transient: false,
  at: new Date(startedMs).toISOString(),
});
const progressEvent = () => ({ ...base(), type: 'step-progress' as const, index: monitoring.index, message: 'candidate: watches' });
