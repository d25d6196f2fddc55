import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEntries, readLog } from '../__fixtures__/actions-runner.js';
import { GuardedOutput } from './guarded-output.js';
import { defused, fileEntry, workflowCommand } from './workflow-command.js';

function guardedLog(chunks: readonly string[], token?: () => string): string {
  let log = '';
  const output = new GuardedOutput({ write: (text) => void (log += text) }, token);
  for (const chunk of chunks) output.write(chunk);
  output.end();
  return log;
}

const hostile = [
  '::error::owned',
  '  ::add-mask::web',
  '::set-output name=exit-code::0',
  'a ##[error]owned',
  '##[add-mask]web',
  '::stop-commands::x',
  '::x::',
  'Pulled\r::warning::owned',
];

test('the runner without a guard obeys what a pod logs: this is what it is for', () => {
  expect(readLog(hostile.slice(0, 2).join('\n')).obeyed.map(({ name }) => name)).toEqual(['error', 'add-mask']);
});

test('nothing that is printed is obeyed, and all of it is shown', () => {
  const { obeyed, shown } = readLog(guardedLog([`one\n${hostile.join('\n')}\ntwo\n`]));
  expect(obeyed).toEqual([]);
  for (const line of hostile) for (const part of line.split('\r')) expect(shown).toContain(part);
  expect(shown.filter((line) => line === 'one' || line === 'two')).toEqual(['one', 'two']);
});

test('a token is never used twice, and lines that are harmless get none', () => {
  expect(guardedLog(['12:00:00 all is well\n'])).toBe('12:00:00 all is well\n');
  const log = guardedLog(['::error::a\nb\n::error::c\n']);
  const tokens = [...log.matchAll(/::stop-commands::(.+)/g)].map(([, token]) => token);
  expect(new Set(tokens).size).toBe(2);
});

const line = fc.oneof(fc.constantFrom(...hostile), fc.string());

test('property: whatever is printed in whatever chunks, the runner obeys nothing', () => {
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 7 }), (lines, size) => {
      const text = lines.join('\n');
      const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? [];
      expect(readLog(guardedLog(chunks)).obeyed).toEqual([]);
      expect(readLog(defused(text)).obeyed).toEqual([]);
    }),
  );
});

test('property: a command of ours is one command, whatever its text and title hold', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, title) => {
      const [obeyed, ...more] = readLog(workflowCommand('error', text, { title })).obeyed;
      expect([obeyed?.data, obeyed?.properties['title'], more]).toEqual([text, title, []]);
    }),
  );
});

test('property: a value of any lines comes back from a file of the runner', () => {
  const value = fc.array(fc.oneof(fc.string(), fc.constantFrom('exit-code=0', 'a<<b', '')), { maxLength: 6 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(value, (text) => {
      const file = fileEntry('one', text, `ghadelimiter_${crypto.randomUUID()}`) + fileEntry('exit-code', '3', `ghadelimiter_${crypto.randomUUID()}`);
      expect(readEntries(file)).toEqual({ one: text, 'exit-code': '3' });
    }),
  );
});
