// Condenses a cluster's OpenAPI document to what the sandbox needs: fields, their types, and how lists and maps merge.
//   kubectl get --raw /openapi/v2 | node packages/sandbox/scripts/make-schema.mjs | npx biome format --stdin-file-path=schema.json > packages/sandbox/src/api/schema/kubernetes-1.34.json
// A type is a text: s string · i int32 · l int64 · n number · b boolean · q quantity · x int-or-string · t Time · m MicroTime · y bytes · * any ·
// @Name a definition · [T list · {T map. With more to say it is { t, merge, strategy, keys, list, map }.
import { readFileSync } from 'node:fs';

const api = (group, version, kinds) => kinds.split(' ').map((kind) => [`${group}.${version}.${kind}`, kind]);
const roots = new Map([
  ...api('io.k8s.api.core', 'v1', 'ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolumeClaim Pod ResourceQuota Secret ServiceAccount Service'),
  ...api('io.k8s.api.apps', 'v1', 'DaemonSet Deployment ReplicaSet StatefulSet'),
  ...api('io.k8s.api.authentication', 'v1', 'SelfSubjectReview'),
  ...api('io.k8s.api.authorization', 'v1', 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview'),
  ...api('io.k8s.api.autoscaling', 'v2', 'HorizontalPodAutoscaler'),
  ...api('io.k8s.api.autoscaling', 'v1', 'Scale'),
  ...api('io.k8s.api.batch', 'v1', 'CronJob Job'),
  ...api('io.k8s.api.coordination', 'v1', 'Lease'),
  ...api('io.k8s.api.discovery', 'v1', 'EndpointSlice'),
  ...api('io.k8s.api.networking', 'v1', 'Ingress NetworkPolicy'),
  ...api('io.k8s.api.rbac', 'v1', 'ClusterRole ClusterRoleBinding Role RoleBinding'),
  ...api('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions', 'v1', 'CustomResourceDefinition'),
  ...api('io.k8s.api.policy', 'v1', 'PodDisruptionBudget Eviction'),
]);
const { definitions } = JSON.parse(readFileSync(0, 'utf8'));
const short = (name) => name.split('.').slice(-3).join('.');
const scalars = { string: 's', boolean: 'b', number: 'n', 'integer/int32': 'i', 'integer/int64': 'l', 'string/int-or-string': 'x', 'string/byte': 'y' };
const special = { 'resource.Quantity': 'q', 'intstr.IntOrString': 'x', 'v1.Time': 't', 'v1.MicroTime': 'm', 'v1.FieldsV1': '*' };
const found = {};

function textOf(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1);
    const known = special[name.split('.').slice(-2).join('.')];
    if (known) return known;
    // Whatever JSON it is.
    if (!definitions[name].properties) return '*';
    visit(name);
    return `@${short(name)}`;
  }
  if (schema.type === 'array') return `[${textOf(schema.items)}`;
  if (schema.type === 'object') return schema.additionalProperties ? `{${textOf(schema.additionalProperties)}` : '*';
  return scalars[`${schema.type}/${schema.format}`] ?? scalars[schema.type] ?? '*';
}

function typeOf(schema) {
  const more = {
    merge: schema['x-kubernetes-patch-merge-key'],
    strategy: schema['x-kubernetes-patch-strategy'],
    keys: schema['x-kubernetes-list-map-keys'],
    list: schema['x-kubernetes-list-type'],
    map: schema['x-kubernetes-map-type'],
  };
  const told = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined && value !== 'map'));
  return Object.keys(told).length === 0 ? textOf(schema) : { t: textOf(schema), ...told };
}

function visit(name) {
  if (found[short(name)]) return;
  const schema = definitions[name];
  const entry = { fields: {} };
  found[short(name)] = entry;
  for (const [field, property] of Object.entries(schema.properties ?? {})) entry.fields[field] = typeOf(property);
  if (schema.required) entry.required = schema.required;
  if (schema['x-kubernetes-map-type']) entry.map = schema['x-kubernetes-map-type'];
}

const kinds = {};
for (const [name, kind] of roots) {
  visit(name);
  kinds[kind] = short(name);
}
console.log(JSON.stringify({ kinds, types: found }));
