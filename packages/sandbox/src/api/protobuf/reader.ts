/** A body that is no protobuf, or breaks off. */
export class ProtobufError extends Error {}

/** One field as it is on the wire: a number (kinds 0, 1, 5) or bytes (kind 2). */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

function varintAt(bytes: Uint8Array, start: number): { value: bigint; next: number } {
  let value = 0n;
  for (let at = start, shift = 0n; shift < 70n; at += 1, shift += 7n) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 };
  }
  throw new ProtobufError('a number breaks off');
}

/** The fields of a message, in the order of the wire. @throws ProtobufError */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at);
    const number = Number(tag.value >> 3n);
    const kind = Number(tag.value & 7n);
    at = tag.next;
    if (kind === 0) {
      const { value, next } = varintAt(bytes, at);
      at = next;
      yield { number, value };
      continue;
    }
    const sized = kind === 2 ? varintAt(bytes, at) : undefined;
    const size = sized ? Number(sized.value) : kind === 1 ? 8 : kind === 5 ? 4 : undefined;
    if (size === undefined) throw new ProtobufError(`a field of kind ${kind}`);
    if (sized) at = sized.next;
    if (at + size > bytes.length) throw new ProtobufError('a field breaks off');
    yield { number, value: kind === 2 ? bytes.subarray(at, at + size) : kind === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)) };
    at += size;
  }
}
