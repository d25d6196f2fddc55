import { expect, test } from 'vitest';
import { ExecChannels, type ExecEnd } from './exec-channels.js';

const message = (channel: number, text: string): Uint8Array => Uint8Array.from([channel, ...new TextEncoder().encode(text)]);
const status = (fields: object): string => JSON.stringify({ metadata: {}, ...fields });

test.each<readonly [string, string, ExecEnd | undefined]>([
  ['a success', status({ status: 'Success' }), { kind: 'ended', exitCode: 0 }],
  [
    'a code',
    status({ status: 'Failure', reason: 'NonZeroExitCode', message: 'm', details: { causes: [{ reason: 'ExitCode', message: '137' }] } }),
    { kind: 'ended', exitCode: 137 },
  ],
  ['a code that is none', status({ status: 'Failure', reason: 'NonZeroExitCode', message: 'm', details: { causes: [] } }), { kind: 'unknown', message: 'm' }],
  ['a failure', status({ status: 'Failure', reason: 'InternalError', message: 'no such file' }), { kind: 'failed', message: 'no such file' }],
  ['something else', status({ status: 'Perhaps' }), { kind: 'unknown', message: 'no explanation' }],
  ['half a Status', '{"status":"Succ', undefined],
  ['no object', '3', undefined],
])('%s', (_, text, end) => {
  const channels = new ExecChannels();
  channels.add(message(3, text));
  expect(channels.end).toEqual(end);
});

test('of much it keeps the beginning, and no half word', () => {
  const channels = new ExecChannels();
  for (let line = 0; line < 10_000; line += 1) channels.add(message(1, `line ${line} of many\n`));
  channels.add(message(2, `${'x '.repeat(8_190)}mongodb://app:hunter2-and-so-on`));
  expect(channels.stdout.cut).toBe(true);
  expect(channels.stdout.text.startsWith('line 0 of many\nline 1 of many\n')).toBe(true);
  expect(channels.stdout.text.length).toBeLessThanOrEqual(16_384);
  expect(channels.stderr).toEqual({ text: 'x '.repeat(8_190), cut: true });
});
