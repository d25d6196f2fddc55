import { expect, test } from 'vitest';
import { FakeIo } from './__fixtures__/fake-io.js';
import { formatIn, isData } from './format.js';
import { hasColour, type OutputFlags, outputMode } from './output-mode.js';

const terminal = { columns: 80, rows: 24 };
const mode = (flags: OutputFlags, env: Readonly<Record<string, string>> = {}, isTerminal = true) =>
  outputMode(flags, new FakeIo({ env, ...(isTerminal ? { terminal } : {}) }));

test.each<[OutputFlags, Readonly<Record<string, string>>, boolean, string]>([
  [{}, {}, true, 'tty'],
  [{}, {}, false, 'plain'],
  [{}, { CI: 'true' }, true, 'plain'],
  [{}, { CI: 'false' }, true, 'tty'],
  [{}, { CI: '' }, true, 'tty'],
  [{}, { TERM: 'dumb' }, true, 'plain'],
  [{}, { NO_COLOR: '1' }, true, 'tty'],
  [{}, { CI: 'true', GITHUB_ACTIONS: 'true' }, false, 'github'],
  [{ output: 'plain' }, { GITHUB_ACTIONS: 'true' }, false, 'plain'],
  [{ output: 'tty' }, { CI: 'true' }, false, 'tty'],
  [{ json: true }, {}, true, 'ndjson'],
  [{ verbose: true }, {}, true, 'plain'],
  [{ json: true, output: 'json' }, {}, true, 'json'],
])('%j with %j at a terminal (%j): %s', (flags, env, isTerminal, format) => {
  expect(mode(flags, env, isTerminal).format).toBe(format);
});

test.each<[OutputFlags, Readonly<Record<string, string>>, boolean, boolean]>([
  [{}, {}, true, true],
  [{}, {}, false, false],
  [{}, { NO_COLOR: '1' }, true, false],
  [{}, { NO_COLOR: '' }, true, true],
  [{}, { SHEPHERD_NO_COLOR: '1' }, true, false],
  [{}, { TERM: 'dumb' }, true, false],
  [{}, { FORCE_COLOR: '1' }, false, true],
  [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  [{}, { FORCE_COLOR: '0' }, true, false],
  [{ color: false }, { FORCE_COLOR: '1' }, true, false],
])('colours of %j with %j, a terminal (%j): %j', (flags, env, isTTY, colour) => {
  expect(hasColour(flags, env, { isTTY })).toBe(colour);
});

test('somebody can answer where both stdin and stderr are a terminal, and input is wanted', () => {
  expect([mode({}).canAsk, mode({}, {}, false).canAsk, mode({ input: false }).canAsk]).toEqual([true, false, false]);
});

test.each<[OutputFlags, string]>([
  [{ output: 'xml' }, '--output: got "xml", expected tty, plain, github, json, ndjson'],
  [{ verbose: true, quiet: true }, '--verbose: got it with --quiet, expected one of the two'],
  [{ verbose: true, output: 'tty' }, '--verbose: got it with --output tty, expected one of the two'],
  [{ output: 'tty', json: true }, '--json: got it with --output tty, expected one of the two'],
])('%j is refused', (flags, message) => {
  expect(() => mode(flags)).toThrow(message);
});

test.each([
  ['deploy web --json --bad', true],
  ['deploy web -o json --bad', true],
  ['deploy web -ondjson --bad', true],
  ['deploy web --output=json --bad', true],
  ['deploy web --output ndjson --bad', true],
  ['deploy web -o plain --reason json', false],
])('an unreadable line wants JSON: %s', (line, wanted) => {
  expect(isData(formatIn(line.split(' ')))).toBe(wanted);
});
