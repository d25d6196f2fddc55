import type { ChangeNote } from '@shepherd/core';
import { expect, test } from 'vitest';
import { changeCause } from './change-cause.js';

const revision = (image: string) => ({ hash: 'h', owner: 'kubernetes', images: [image], at: '', verified: true });
const digest = `sha256:${'0123456789ab'.padEnd(64, 'f')}`;
const note = (more: Partial<ChangeNote> = {}): ChangeNote => ({
  strategy: 'canary',
  by: { name: 'ada', kind: 'human' },
  from: revision('registry.example.com/shop/web:1.2.0'),
  to: revision(`registry.example.com/shop/web:1.3.0@${digest}`),
  reason: undefined,
  ...more,
});
const of = (more?: Partial<ChangeNote>): string => changeCause({ rolloutId: 'eu_shop_web_01', note: note(more) }, 'otherwise');

test('strategy, versions, who, which rollout and why', () => {
  expect(of()).toBe('shepherd canary web:1.2.0 → web:1.3.0@sha256:0123456789ab by ada rollout=eu_shop_web_01');
  expect(of({ reason: 'error spike\nat 12:00' })).toMatch(/ rollout=eu_shop_web_01 error spike at 12:00$/);
  expect(of({ from: undefined })).toMatch(/^shepherd canary nothing → web:1.3.0/);
  expect(changeCause({ rolloutId: 'x', note: undefined }, 'otherwise')).toBe('otherwise');
});

test('at most 250 characters on one line, without a credential', () => {
  const long = of({ reason: `token=${'0a'.repeat(20)} ${'because '.repeat(100)}` });
  expect([...long].length).toBe(250);
  expect(long).not.toMatch(/0a0a|\n/);
});
