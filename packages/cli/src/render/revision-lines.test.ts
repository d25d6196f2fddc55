import type { Revision } from '@shepherd/core';
import { expect, test } from 'vitest';
import { revisionLines } from './revision-lines.js';

const revision = (hash: string, more: Partial<Revision> = {}): Revision => ({
  hash,
  owner: 'kubernetes',
  images: [`web:${hash}`],
  at: '2026-01-01T10:00:00Z',
  verified: true,
  ...more,
});

test('revisions as they come, without columns that nothing is known for', () => {
  expect(revisionLines([revision('b'), revision('a', { verified: false, bad: 'it\nleaked' })], 'b').map((line) => line.trim())).toEqual([
    'REVISION  MADE                  STATUS             IMAGE',
    'b         2026-01-01 10:00:00Z  serving, verified  web:b',
    'a         2026-01-01 10:00:00Z  bad: it leaked     web:a',
  ]);
  expect(revisionLines([], undefined)).toEqual(['no revision is known']);
});

test('number, chart, config, who and why, where they are known', () => {
  const known = { number: 5, chart: 'web-1.2.0', config: [{ object: 'ConfigMap settings', hash: 'abc' }], by: 'ada', reason: 'error\nspike' };
  const [head, first] = revisionLines([revision('b', known), revision('a')], 'b');
  expect(head?.trim().split(/ {2,}/)).toEqual(['REVISION', 'NUMBER', 'MADE', 'STATUS', 'IMAGE', 'CHART', 'CONFIG', 'BY', 'REASON']);
  expect(first?.trim().split(/ {2,}/)).toEqual([
    'b',
    '5',
    '2026-01-01 10:00:00Z',
    'serving, verified',
    'web:b',
    'web-1.2.0',
    'settings@abc',
    'ada',
    'error spike',
  ]);
});
