import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.js';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const size = Math.max(1, sizes[i % Math.max(1, sizes.length)] ?? 1);
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const found: string[] = [];
  for await (const lines of linesOf(chunks)) found.push(...lines);
  return found;
};

describe('linesOf', () => {
  it('gives the same lines however the network cuts the bytes', async () => {
    const line = fc.string({ unit: 'binary', minLength: 1 }).map((text) => JSON.stringify({ text: `ä🐑${text}` }));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (lines, sizes) => {
        const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(''));
        expect(await collect(cut(bytes, sizes))).toEqual(lines);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the start of a line although the source writes over its buffer', async () => {
    const reusing = (async function* () {
      const buffer = new Uint8Array(4);
      for (const part of ['abcd', 'efgh', 'ij\nk']) {
        buffer.set(new TextEncoder().encode(part));
        yield buffer;
      }
    })();
    expect(await collect(reusing)).toEqual(['abcdefghij']);
  });

  it('gives all lines of a chunk together, and drops a last line without its end', async () => {
    const chunks: string[][] = [];
    for await (const lines of linesOf(cut(new TextEncoder().encode('a\r\nb\n\nhalf'), [100]))) chunks.push([...lines]);
    expect(chunks).toEqual([['a', 'b']]);
  });

  it('refuses a line above 16 MiB instead of growing on', async () => {
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent++;
        yield new Uint8Array(1024 * 1024).fill(65);
      }
    })();
    await expect(collect(endless)).rejects.toThrow(RangeError);
    expect(sent).toBe(17);
  });
});
