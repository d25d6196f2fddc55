import { expect, it } from 'vitest';
import { toMicroTime, toTime } from './kube-time.js';

it('prints times as the API server takes them', () => {
  const date = new Date('2026-11-23T08:15:30.123Z');
  expect(toTime(date)).toBe('2026-11-23T08:15:30Z');
  expect(toMicroTime(date)).toBe('2026-11-23T08:15:30.123000Z');
});
