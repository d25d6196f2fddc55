import { systemClock } from '@shepherd/core';
import { VirtualClock } from '@shepherd/core/testing';
import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.js';

test('timers run by time, those of one moment in the order they were set, and what was taken back does not', async () => {
  using clock = new VirtualClock();
  const scheduler = new Scheduler(clock);
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(`${name}@${clock.monotonicMs()}`);
  scheduler.after(300, note('c'));
  scheduler.after(100, note('a'));
  scheduler.after(300, note('d'));
  const takeBack = scheduler.after(200, note('never'));
  scheduler.after(50, () => scheduler.after(100, note('b')));
  takeBack();
  await clock.advance('1s');
  expect(ran).toEqual(['a@100', 'b@150', 'c@300', 'd@300']);
  expect(scheduler.pending).toBe(0);
  expect(clock.sleeping).toBe(0);
});

test('a hundred timers are one sleeper, and closing leaves none', async () => {
  using clock = new VirtualClock();
  const scheduler = new Scheduler(clock);
  let ran = 0;
  for (let i = 0; i < 100; i++) scheduler.after(1_000 - i, () => void ran++);
  await clock.advance('1ms');
  expect(clock.sleeping).toBe(1);
  scheduler.close();
  scheduler.after(5, () => void ran++);
  await clock.advance('2s');
  expect({ ran, sleeping: clock.sleeping, pending: scheduler.pending }).toEqual({ ran: 0, sleeping: 0, pending: 0 });
});

test('time stands still while the process does not run: what is far in time stays far, whatever is a chain of timers', async () => {
  const scheduler = new Scheduler(systemClock);
  const ran: string[] = [];
  scheduler.after(5, () => scheduler.after(100, () => void ran.push('after two timers')));
  const ended = new Promise<void>((resolve) => {
    scheduler.after(300, () => {
      ran.push('after one');
      resolve();
    });
  });
  const before = scheduler.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  expect(scheduler.now() - before).toBeLessThan(100);
  await ended;
  expect(ran).toEqual(['after two timers', 'after one']);
  scheduler.close();
});
