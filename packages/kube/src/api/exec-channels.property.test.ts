import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExecChannels } from './exec-channels.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const frame = (channel: number, piece: Uint8Array): Uint8Array => Uint8Array.from([channel, ...piece]);
const success = JSON.stringify({ metadata: {}, status: 'Success' });
const exit = (code: number): string =>
  JSON.stringify({
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: 'm',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  });

/** Bytes in pieces of these sizes, the rest at the end. */
function pieces(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) found.push(whole.subarray(at, (at += size)));
  return [...found, whole.subarray(at)];
}

const sizes = fc.array(fc.nat(40), { maxLength: 30 });
const text = fc.string({ unit: 'binary', maxLength: 400 });

test('however the three channels are cut and mixed, each comes out whole and in order', () => {
  fc.assert(
    fc.property(
      text,
      text,
      fc.integer({ min: 0, max: 255 }),
      fc.tuple(sizes, sizes, sizes),
      fc.infiniteStream(fc.nat(2)),
      (out, err, code, [a, b, c], turns) => {
        const status = code === 0 ? success : exit(code);
        const queues = [
          pieces(bytes(out), a).map((piece) => frame(1, piece)),
          pieces(bytes(err), b).map((piece) => frame(2, piece)),
          pieces(bytes(status), c).map((piece) => frame(3, piece)),
        ];
        const channels = new ExecChannels();
        for (const turn of turns) {
          const queue = [...queues.slice(turn), ...queues.slice(0, turn)].find(({ length }) => length > 0);
          if (queue === undefined) break;
          channels.add(queue.shift() as Uint8Array);
        }
        expect({ stdout: channels.stdout, stderr: channels.stderr, end: channels.end }).toEqual({
          stdout: { text: new TextDecoder().decode(bytes(out)), cut: false },
          stderr: { text: new TextDecoder().decode(bytes(err)), cut: false },
          end: { kind: 'ended', exitCode: code },
        });
      },
    ),
  );
});

test('whatever bytes come, nothing is thrown, and no end is made up', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 60 }), (messages) => {
      const channels = new ExecChannels();
      for (const message of messages) channels.add(message);
      expect(channels.end?.kind ?? 'none').not.toBe('ended');
      expect(channels.stdout.text.length + channels.stderr.text.length).toBeLessThanOrEqual(2 * 16_384);
    }),
  );
});
