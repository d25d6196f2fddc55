import { isRecord, type Wire } from '../json.js';
import { canonicalQuantity, isQuantity } from '../quantity.js';
import { anyNode, type Scalar, type TypeNode, typeOfKind } from './schema.js';

/** Why a body does not fit its type, in the words of Go's JSON decoder. */
export class DecodeError extends Error {}

export interface Decoded {
  readonly object: Wire;
  /** Paths of fields that the type does not have; they are gone from `object`. */
  readonly unknownFields: readonly string[];
}

const GO_SCALARS: Readonly<Record<Scalar, string>> = {
  any: 'interface {}',
  boolean: 'bool',
  bytes: '[]uint8',
  int32: 'int32',
  int64: 'int64',
  intOrString: 'intstr.IntOrString',
  microTime: 'string',
  number: 'float64',
  quantity: 'resource.Quantity',
  string: 'string',
  time: 'string',
};

function goType(node: TypeNode): string {
  if (node.kind === 'scalar') return GO_SCALARS[node.scalar];
  if (node.kind === 'struct') return node.name;
  return node.kind === 'list' ? `[]${goType(node.items)}` : `map[string]${goType(node.items)}`;
}

const jsonType = (value: Wire): string => {
  if (Array.isArray(value)) return 'array';
  // a fraction where a whole number has to be is told
  if (typeof value === 'number' && !Number.isInteger(value)) return `number ${value}`;
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

interface Place {
  /** As in messages about unknown fields: `spec.containers[0].name`. */
  readonly path: string;
  /** As Go tells it: without indexes, after the struct's name. */
  readonly goPath: string;
  readonly struct: string;
}

const mismatch = (value: Wire, node: TypeNode, { goPath, struct }: Place): DecodeError =>
  new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go struct field ${struct}.${goPath} of type ${goType(node)}`);

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const MICRO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

/** What does not fit a layout: the first part of the text that breaks it. */
const badTime = (value: string, layout: string): DecodeError => {
  const rest = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(value)?.[0].length ?? 0;
  const missing = rest === 0 ? '2006' : layout.includes('.000000') ? '.000000' : 'Z07:00';
  return new DecodeError(
    `parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(value.slice(rest))} as ${JSON.stringify(missing)}`,
  );
};

function decodeTime(value: string): string {
  if (!RFC3339.test(value) || Number.isNaN(Date.parse(value))) throw badTime(value, '2006-01-02T15:04:05Z07:00');
  return `${new Date(value).toISOString().slice(0, 19)}Z`;
}

function decodeScalar(value: Wire, node: TypeNode & { kind: 'scalar' }, place: Place): Wire {
  const fail = (): never => {
    throw mismatch(value, node, place);
  };
  switch (node.scalar) {
    case 'any':
      return value;
    case 'string':
      return typeof value === 'string' ? value : fail();
    case 'boolean':
      return typeof value === 'boolean' ? value : fail();
    case 'number':
      return typeof value === 'number' ? value : fail();
    case 'int32':
    case 'int64':
      return Number.isInteger(value) ? value : fail();
    case 'intOrString':
      return Number.isInteger(value) || typeof value === 'string' ? value : fail();
    case 'quantity':
      if (isQuantity(value)) return canonicalQuantity(value);
      throw new DecodeError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    case 'time':
      return typeof value === 'string' ? decodeTime(value) : fail();
    case 'microTime':
      if (typeof value !== 'string') return fail();
      if (!MICRO.test(value)) throw badTime(value, '2006-01-02T15:04:05.000000Z07:00');
      return value;
    case 'bytes':
      return typeof value === 'string' ? decodeBytes(value) : fail();
  }
}

function decodeBytes(value: string): string {
  const wrong = value.replace(/[\r\n]/g, '').search(/[^A-Za-z0-9+/=]/);
  if (wrong >= 0) throw new DecodeError(`illegal base64 data at input byte ${wrong}`);
  if (value.length % 4 !== 0) throw new DecodeError(`illegal base64 data at input byte ${value.length - (value.length % 4)}`);
  return value;
}

function decodeNode(value: Wire, node: TypeNode, place: Place, unknown: string[]): Wire {
  if (node.kind === 'scalar') return decodeScalar(value, node, place);
  if (node.kind === 'list') {
    if (!Array.isArray(value)) throw mismatch(value, node, place);
    return value.map((item, i) => (item === null ? null : decodeNode(item, node.items, { ...place, path: `${place.path}[${i}]` }, unknown)));
  }
  if (!isRecord(value)) throw mismatch(value, node, place);
  const struct = node.kind === 'struct' ? node.name.split('.').at(-1) : undefined;
  const decoded: Record<string, Wire> = {};
  for (const [field, item] of Object.entries(value)) {
    const at = (name: string): string => (name === '' ? field : `${name}.${field}`);
    const type = node.kind === 'map' ? node.items : node.fields.get(field);
    if (type === undefined) {
      unknown.push(at(place.path));
      continue;
    }
    if (item === null || item === undefined) continue;
    // Go tells the field that holds a map, not the key in it.
    const below = { path: at(place.path), goPath: node.kind === 'map' ? place.goPath : at(place.goPath), struct: struct ?? place.struct };
    const found = decodeNode(item, type, below, unknown);
    if (!isOmitted(found, type, node, field)) decoded[field] = found;
  }
  return decoded;
}

/** Go leaves empty lists and maps out of its answers, but not empty structs and what is required. */
function isOmitted(value: Wire, type: TypeNode, parent: TypeNode, field: string): boolean {
  // an empty list of an autoscaler's policies is refused, a missing one is filled in
  if (parent.kind !== 'struct' || parent.required.has(field) || (field === 'policies' && parent.name.endsWith('HPAScalingRules'))) return false;
  if (type.kind === 'list') return value.length === 0;
  return type.kind === 'map' && Object.keys(value).length === 0;
}

/** Reads a body as the type of its kind: unknown fields and nulls go, quantities and times take their canonical form. @throws DecodeError */
export function decode(kind: string, body: Wire, node: TypeNode = typeOfKind(kind)): Decoded {
  if (node === anyNode) return { object: body, unknownFields: [] };
  const unknownFields: string[] = [];
  const object = decodeNode(body, node, { path: '', goPath: '', struct: kind }, unknownFields);
  return { object, unknownFields };
}
