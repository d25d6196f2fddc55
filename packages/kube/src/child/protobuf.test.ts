import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isProtobuf, withAnnotations } from './protobuf.js';

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]);
const field = (number: number, bytes: Uint8Array): number[] => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
const frame = (object: readonly number[]): Uint8Array =>
  Uint8Array.from([...Buffer.from('k8s\0', 'latin1'), ...field(1, Uint8Array.of(10, 1, 118)), ...field(2, Uint8Array.from(object))]);

/** The fields of a message of fields with sizes. */
function fields(bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] {
  const found: [number, Uint8Array][] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = read();
    const size = read();
    found.push([Math.floor(tag / 8), bytes.subarray(at, at + size)]);
    at += size;
  }
  return found;
}

const pick = (bytes: Uint8Array, number: number): readonly Uint8Array[] => fields(bytes).flatMap(([n, value]) => (n === number ? [value] : []));
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const parts = fc.array(fc.tuple(fc.integer({ min: 2, max: 400 }), fc.uint8Array({ maxLength: 300 })), { maxLength: 6 });

test('annotations are added, and everything else is as it was', () => {
  fc.assert(
    fc.property(parts, parts, fc.dictionary(fc.stringMatching(/^[a-z./-]{1,200}$/), fc.string()), (metadata, rest, annotations) => {
      const about = metadata.filter(([number]) => number !== 12).flatMap(([number, value]) => field(number, value));
      const others = rest.flatMap(([number, value]) => field(number, value));
      const body = withAnnotations(frame([...field(1, Uint8Array.from(about)), ...others]), annotations);
      const [object] = pick(body.subarray(4), 2);
      const [meta] = pick(object as Uint8Array, 1);
      expect(Object.fromEntries(pick(meta as Uint8Array, 12).map((entry) => [text(pick(entry, 1)[0]), text(pick(entry, 2)[0])]))).toEqual({ ...annotations });
      expect(Buffer.from(meta as Uint8Array).subarray(0, about.length)).toEqual(Buffer.from(about));
      expect(Buffer.from(object as Uint8Array).subarray(-others.length || undefined, others.length === 0 ? 0 : undefined)).toEqual(Buffer.from(others));
    }),
  );
});

test('an object without metadata gets some; what breaks off is an error; JSON is no protobuf', () => {
  const [object] = pick(withAnnotations(frame([]), { a: 'b' }).subarray(4), 2);
  expect(pick(object as Uint8Array, 1)).toHaveLength(1);
  expect(() => withAnnotations(Uint8Array.from([...Buffer.from('k8s\0', 'latin1'), 0x80]), { a: 'b' })).toThrow(RangeError);
  expect([isProtobuf('{}'), isProtobuf(undefined), isProtobuf(Uint8Array.from(frame([])))]).toEqual([false, false, true]);
});
