import { expect, test } from 'vitest';
import { stillAsked, withAsked } from './asked.js';
import type { StoredCommand } from './commands.js';
import type { Waiting } from './record.js';

const asked = <K extends StoredCommand['kind']>(kind: K): Extract<StoredCommand, { kind: K }> =>
  ({ kind, rolloutId: 'r', id: kind, by: { name: 'ada', kind: 'human' }, ...(kind === 'pause' ? { timeoutMs: 1, onTimeout: 'rollback' } : {}) }) as never;
const waitingOn = (on: Waiting['on']): Waiting => ({ on, reason: '', until: '', onTimeout: 'rollback', by: { name: 'ada', kind: 'human' } });
const going = { phase: 'forward', waiting: undefined } as const;
const kinds = (commands: readonly StoredCommand[]): readonly string[] => commands.map(({ kind }) => kind);

test('a command stays until its effect is stored', () => {
  const abort = withAsked([], asked('abort'), going);
  expect(kinds(stillAsked(abort, going))).toEqual(['abort']);
  expect(stillAsked(abort, { ...going, phase: 'back' })).toEqual([]);
  const pause = withAsked([], asked('pause'), going);
  expect(kinds(stillAsked(pause, { ...going, waiting: waitingOn('approval') }))).toEqual(['pause']);
  expect(stillAsked(pause, { ...going, waiting: waitingOn('pause') })).toEqual([]);
});

test('an answer stays as long as its wait, and is nothing where there is none', () => {
  const waits = { ...going, waiting: waitingOn('approval') };
  const approve = withAsked([], asked('approve'), waits);
  expect(kinds(stillAsked(approve, waits))).toEqual(['approve']);
  expect(stillAsked(approve, going)).toEqual([]);
  expect(withAsked([], asked('approve'), going)).toEqual([]);
});

test('what resumes takes back a pause that was asked for before; promote stays for the waits to come', () => {
  const pause = withAsked([], asked('pause'), going);
  expect(withAsked(pause, asked('resume'), going)).toEqual([]);
  expect(kinds(withAsked(pause, asked('promote'), going))).toEqual(['promote']);
  const waits = { ...going, waiting: waitingOn('pause') };
  const promoted = withAsked([], asked('promote'), waits);
  expect(kinds(promoted)).toEqual(['promote', 'resume']);
  expect(kinds(stillAsked(promoted, going))).toEqual(['promote']);
});
