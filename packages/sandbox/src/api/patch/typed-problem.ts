import { isRecord, type Wire } from '../json.js';
import { type Scalar, type TypeNode } from '../schema/schema.js';
import { itemElement, pathText } from './field-set.js';

const NUMERIC: readonly Scalar[] = ['int32', 'int64', 'number'];
const TEXTUAL: readonly Scalar[] = ['string', 'time', 'microTime', 'bytes'];

function scalarProblem(value: Wire, scalar: Scalar, path: string): string | undefined {
  const got = typeof value;
  if (NUMERIC.includes(scalar)) return got === 'number' ? undefined : `${path}: expected numeric (int or float), got ${got}`;
  if (scalar === 'boolean') return got === 'boolean' ? undefined : `${path}: expected boolean, got ${got}`;
  return TEXTUAL.includes(scalar) && got !== 'string' ? `${path}: expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}` : undefined;
}

function listProblem(value: readonly Wire[], node: TypeNode & { kind: 'list' }, path: string): string | undefined {
  const seen = new Set<string>();
  for (const [i, item] of value.entries()) {
    if (node.keys === undefined) {
      const problem = typedProblem(item, node.items, `${path}[${i}]`);
      if (problem) return problem;
      continue;
    }
    const element = pathText(itemElement(item, node.keys));
    if (seen.has(element)) return `${path}: duplicate entries for key ${element}`;
    seen.add(element);
    const problem = typedProblem(item, node.items, `${path}${element}`);
    if (problem) return problem;
  }
  return undefined;
}

/** Why a configuration cannot be applied: unknown fields, wrong types, items that are there twice. @param path `` for the root, else `.spec.replicas` */
export function typedProblem(value: Wire, node: TypeNode, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (node.kind === 'scalar') return scalarProblem(value, node.scalar, path);
  if (node.kind === 'list') return Array.isArray(value) ? listProblem(value, node, path) : `${path}: expected list, got ${typeof value}`;
  if (!isRecord(value)) return `${path}: expected map, got ${typeof value}`;
  for (const [field, item] of Object.entries(value)) {
    const type = node.kind === 'map' ? node.items : node.fields.get(field);
    if (type === undefined) return `${path}.${field}: field not declared in schema`;
    const problem = typedProblem(item, type, `${path}.${field}`);
    if (problem) return problem;
  }
  return undefined;
}
