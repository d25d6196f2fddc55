import type { Wire } from '../json.js';
import { apiVersionOf, type ResourceInfo, type Resources } from '../resources.js';
import { type TypeNode, typeOf } from '../schema/schema.js';
import { type Answer, json } from './answer.js';

const SCALARS: Readonly<Record<string, Wire>> = {
  any: { type: 'object' },
  boolean: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  intOrString: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  microTime: { type: 'string', format: 'date-time' },
  number: { type: 'number' },
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  string: { type: 'string' },
  time: { type: 'string', format: 'date-time' },
};

/** How lists merge, for clients that calculate strategic patches. */
function mergingOf(node: TypeNode): Wire {
  return {
    ...(node.mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': node.mergeKey }),
    ...(node.strategies.length > 0 && { 'x-kubernetes-patch-strategy': node.strategies.join(',') }),
    ...(node.keys && { 'x-kubernetes-list-map-keys': node.keys, 'x-kubernetes-list-type': 'map' }),
    ...(node.set && { 'x-kubernetes-list-type': 'set' }),
    ...(node.kind === 'list' && node.atomic && { 'x-kubernetes-list-type': 'atomic' }),
    ...(node.kind === 'map' && node.atomic && { 'x-kubernetes-map-type': 'atomic' }),
  };
}

/** The schema of a type; structs go into `schemas` by name. */
function schemaOf(node: TypeNode, schemas: Record<string, Wire>): Wire {
  const merging = mergingOf(node);
  if (node.kind === 'scalar') return { ...SCALARS[node.scalar], ...merging };
  if (node.kind === 'list') return { type: 'array', items: schemaOf(node.items, schemas), ...merging };
  if (node.kind === 'map') return { type: 'object', additionalProperties: schemaOf(node.items, schemas), ...merging };
  const name = `io.k8s.api.${node.name}`;
  if (!schemas[name]) {
    const schema: Wire = { type: 'object', properties: {} };
    schemas[name] = schema;
    for (const [field, type] of node.fields) schema.properties[field] = schemaOf(type, schemas);
    if (node.required.size > 0) schema.required = [...node.required];
    if (node.atomic) schema['x-kubernetes-map-type'] = 'atomic';
  }
  return { allOf: [{ $ref: `#/components/schemas/${name}` }], ...merging };
}

const queryParameter = (name: string): Wire => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });

/** By the parameters of patch clients find out that the server validates fields. */
function pathsOf(info: ResourceInfo): Wire {
  const kind = { group: info.group, version: info.version, kind: info.kind };
  const base = info.group === '' ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`;
  const scope = info.namespaced ? '/namespaces/{namespace}' : '';
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(queryParameter);
  const operation = (action: string): Wire => ({ 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind, parameters, responses: {} });
  return {
    [`${base}${scope}/${info.plural}`]: { post: operation('post') },
    [`${base}${scope}/${info.plural}/{name}`]: { get: operation('get'), put: operation('put'), patch: operation('patch') },
  };
}

function documentOf(rows: readonly ResourceInfo[]): Wire {
  const schemas: Record<string, Wire> = {};
  const paths = {};
  for (const info of rows) {
    const node = typeOf(info);
    schemaOf(node, schemas);
    if (node.kind === 'struct') {
      schemas[`io.k8s.api.${node.name}`]['x-kubernetes-group-version-kind'] = [{ group: info.group, version: info.version, kind: info.kind }];
    }
    Object.assign(paths, pathsOf(info));
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.34.0' }, paths, components: { schemas } };
}

const documentPath = (info: ResourceInfo): string => `${info.group === '' ? 'api' : 'apis'}/${apiVersionOf(info)}`;

/** `/openapi/v3` and one document for each group and version; undefined for other addresses. */
export function openapi(path: string, resources: Resources): Answer | undefined {
  if (path !== '/openapi/v3' && !path.startsWith('/openapi/v3/')) return undefined;
  const rows = resources.all();
  const names = [...new Set(rows.map(documentPath))];
  if (path === '/openapi/v3') {
    return json({ paths: Object.fromEntries(names.map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${rows.length}` }])) });
  }
  const asked = path.slice('/openapi/v3/'.length);
  return names.includes(asked) ? json(documentOf(rows.filter((row) => documentPath(row) === asked))) : undefined;
}
