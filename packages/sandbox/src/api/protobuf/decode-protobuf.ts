import type { Wire } from '../json.js';
import { type MessageField, messageFields, messageOfKind } from './message-types.js';
import { fieldsOf, ProtobufError, type WireField } from './reader.js';

/** What the bodies of Kubernetes begin with: `k8s` and a zero. */
const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0);

const text = new TextDecoder();
type Value = WireField['value'];

const bytesOf = (value: Value): Uint8Array => {
  if (typeof value === 'bigint') throw new ProtobufError('a number where bytes belong');
  return value;
};

const integerOf = (value: Value): number => {
  if (typeof value !== 'bigint') throw new ProtobufError('bytes where a number belongs');
  return Number(BigInt.asIntN(64, value));
};

function doubleOf(value: Value): number {
  if (typeof value !== 'bigint') throw new ProtobufError('bytes where a number belongs');
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getFloat64(0);
}

/** Small messages that JSON writes as one value, by field number. */
function partsOf(value: Value): Map<number, Value> {
  return new Map([...fieldsOf(bytesOf(value))].map((field) => [field.number, field.value]));
}

function timeOf(value: Value): string | null {
  const parts = partsOf(value);
  if (parts.size === 0) return null;
  const seconds = integerOf(parts.get(1) ?? 0n);
  // Go's zero time: nothing was said.
  if (seconds === -62135596800) return null;
  const nanos = integerOf(parts.get(2) ?? 0n);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return nanos === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function intOrStringOf(value: Value): number | string {
  const parts = partsOf(value);
  return integerOf(parts.get(1) ?? 0n) === 1 ? text.decode(bytesOf(parts.get(3) ?? new Uint8Array())) : integerOf(parts.get(2) ?? 0n);
}

function jsonOf(value: Value): Wire {
  const raw = partsOf(value).get(1);
  return raw === undefined || bytesOf(raw).length === 0 ? null : JSON.parse(text.decode(bytesOf(raw)));
}

const READERS: Readonly<Record<string, (value: Value) => Wire>> = {
  b: (value) => integerOf(value) !== 0,
  d: doubleOf,
  j: jsonOf,
  q: (value) => text.decode(bytesOf(partsOf(value).get(1) ?? new Uint8Array())),
  s: (value) => text.decode(bytesOf(value)),
  t: timeOf,
  v: integerOf,
  x: intOrStringOf,
  y: (value) => Buffer.from(bytesOf(value)).toString('base64'),
};

function valueOf(value: Value, type: string): Wire {
  if (!type.startsWith('@')) return READERS[type]?.(value) ?? null;
  const read = messageOf(bytesOf(value), type.slice(1));
  // A list with a name of its own.
  return 'items' in read && messageFields(type.slice(1)).size === 1 ? read['items'] : read;
}

function entryOf(value: Value, type: string): [string, Wire] {
  const parts = partsOf(value);
  const read = parts.get(2);
  return [text.decode(bytesOf(parts.get(1) ?? new Uint8Array())), read === undefined ? (type === 's' || type === 'y' ? '' : null) : valueOf(read, type)];
}

function put(target: Record<string, Wire>, { type, name, omitsZero, inline }: MessageField, value: Value): void {
  const inner = type.slice(1);
  if (inline) Object.assign(target, messageOf(bytesOf(value), inner));
  else if (type.startsWith('[')) target[name] = [...(target[name] ?? []), valueOf(value, inner)];
  else if (type.startsWith('{')) target[name] = { ...target[name], ...Object.fromEntries([entryOf(value, inner)]) };
  else {
    const read = valueOf(value, type);
    if (read !== null && !(omitsZero && (read === '' || read === 0 || read === false))) target[name] = read;
  }
}

function messageOf(bytes: Uint8Array, name: string): Record<string, Wire> {
  const fields = messageFields(name);
  const target: Record<string, Wire> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = fields.get(number);
    // A newer client may know more: such fields are left alone, as protobuf wants it.
    if (field) put(target, field, value);
  }
  return target;
}

/**
 * Reads `application/vnd.kubernetes.protobuf`: a frame that tells apiVersion and kind, and the object in it, as the JSON that it stands for.
 * @throws ProtobufError for bytes that are none, or of a kind whose fields are not known here
 */
export function decodeProtobuf(body: Uint8Array): Record<string, Wire> {
  if (!MAGIC.every((byte, i) => body[i] === byte)) throw new ProtobufError('the magic bytes are missing');
  const frame = partsOf(body.subarray(MAGIC.length));
  const about = partsOf(frame.get(1) ?? new Uint8Array());
  const apiVersion = text.decode(bytesOf(about.get(1) ?? new Uint8Array()));
  const kind = text.decode(bytesOf(about.get(2) ?? new Uint8Array()));
  const message = messageOfKind(kind);
  if (message === undefined) throw new ProtobufError(`the kind ${kind} is not known in this form`);
  return { apiVersion, kind, ...messageOf(bytesOf(frame.get(2) ?? new Uint8Array()), message) };
}
