/** What bodies in `application/vnd.kubernetes.protobuf` begin with: `k8s` and a zero. */
const magic = Buffer.from('k8s\0', 'latin1');
/** Numbers of fields: the object in its frame, the metadata of an object, its annotations. */
const [objectField, metadataField, annotationsField] = [2, 1, 12];

export const isProtobuf = (body: string | Uint8Array<ArrayBuffer> | undefined): body is Uint8Array<ArrayBuffer> =>
  body !== undefined && typeof body !== 'string' && magic.equals(body.subarray(0, magic.length));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
}

/** A number and where it ends. @throws RangeError where it breaks off */
function readVarint(bytes: Uint8Array, start: number): readonly [value: number, next: number] {
  let value = 0;
  for (let at = start, factor = 1; at < bytes.length; at += 1, factor *= 0x80) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new RangeError('a protobuf body breaks off');
}

const sized = (field: number, content: Uint8Array): Buffer => Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);

/** The end of the field whose tag ends at `at`. @throws RangeError for a wire type that Kubernetes does not use */
function endOf(bytes: Uint8Array, wireType: number, at: number): number {
  if (wireType === 0) return readVarint(bytes, at)[1];
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  if (wireType !== 2) throw new RangeError(`a protobuf field of wire type ${wireType}`);
  const [length, start] = readVarint(bytes, at);
  return start + length;
}

/** A message whose submessage at `path` has `more` at its end; the rest is copied as it is, what is unknown too. */
function appended(bytes: Uint8Array, [field, ...deeper]: readonly number[], more: Uint8Array): Buffer {
  if (field === undefined) return Buffer.concat([bytes, more]);
  const parts: Uint8Array[] = [];
  let found = false;
  for (let at = 0; at < bytes.length; ) {
    const [tag, next] = readVarint(bytes, at);
    const end = endOf(bytes, tag % 8, next);
    const mine = Math.floor(tag / 8) === field && tag % 8 === 2;
    parts.push(mine ? sized(field, appended(bytes.subarray(readVarint(bytes, next)[1], end), deeper, more)) : bytes.subarray(at, end));
    found ||= mine;
    at = end;
  }
  return Buffer.concat(found ? parts : [...parts, sized(field, appended(new Uint8Array(), deeper, more))]);
}

/** An object in protobuf with more annotations. Pure. @throws RangeError for what is no object */
export function withAnnotations(body: Uint8Array, annotations: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(annotations).map(([key, value]) =>
    sized(annotationsField, Buffer.concat([sized(1, Buffer.from(key)), sized(2, Buffer.from(value))])),
  );
  return Buffer.concat([magic, appended(body.subarray(magic.length), [objectField, metadataField], Buffer.concat(entries))]);
}
