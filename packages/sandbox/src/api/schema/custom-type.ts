import type { Wire } from '../json.js';
import { anyNode, fieldOf, type Scalar, type TypeNode, typeOfKind } from './schema.js';

const plain = { strategies: [], set: false, atomic: false } as const;

const scalar = (name: Scalar): TypeNode => ({ ...plain, kind: 'scalar', scalar: name });

function scalarOf({ type, format }: Wire): TypeNode {
  switch (type) {
    case 'string':
      return scalar('string');
    case 'integer':
      return scalar(format === 'int32' ? 'int32' : 'int64');
    case 'number':
      return scalar('number');
    case 'boolean':
      return scalar('boolean');
    default:
      return anyNode;
  }
}

function nodeOf(schema: Wire, name: string): TypeNode {
  if (!schema || schema['x-kubernetes-preserve-unknown-fields']) return anyNode;
  if (schema['x-kubernetes-int-or-string']) return scalar('intOrString');
  if (schema.type === 'array') {
    const list = schema['x-kubernetes-list-type'] ?? 'atomic';
    const keys: string[] | undefined = schema['x-kubernetes-list-map-keys'];
    return {
      ...plain,
      kind: 'list',
      set: list === 'set',
      atomic: list === 'atomic',
      ...(list === 'map' && keys && { keys }),
      items: nodeOf(schema.items, name),
    };
  }
  if (schema.type !== 'object') return scalarOf(schema);
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  if (schema.properties) {
    const fields = new Map(Object.entries(schema.properties).map(([field, property]) => [field, nodeOf(property, `${name}.${field}`)] as const));
    return { ...plain, kind: 'struct', name, atomic, fields, required: new Set<string>(schema.required) };
  }
  return typeof schema.additionalProperties === 'object' ? { ...plain, kind: 'map', atomic, items: nodeOf(schema.additionalProperties, name) } : anyNode;
}

/** The type of a custom resource, from the schema of its definition: what the schema does not name is pruned. */
export function customType(kind: string, schema: Wire): TypeNode {
  const root = nodeOf({ type: 'object', properties: {}, ...schema }, kind);
  if (root.kind !== 'struct') return anyNode;
  const metadata = fieldOf(typeOfKind('ConfigMap'), 'metadata');
  return { ...root, fields: new Map([...root.fields, ['apiVersion', scalar('string')], ['kind', scalar('string')], ['metadata', metadata]]) };
}
