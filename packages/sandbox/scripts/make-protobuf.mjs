// Condenses the Go types of Kubernetes to what reading their protobuf form needs: numbers, names and types of fields.
//   node packages/sandbox/scripts/make-protobuf.mjs "$(go env GOMODCACHE)/k8s.io" v0.34.4 > packages/sandbox/src/api/protobuf/protobuf-1.34.json
// A message is a text, its fields are parted by `;`: `1 s? name` is number, type and name. Types: s string · b boolean · v integer · d double · y bytes ·
// q quantity · x int-or-string · t Time · j JSON as bytes · @Name a message · [T repeated · {T map with keys of text. `?` is left out of JSON where it is zero,
// `^` means that the fields of the message stand in JSON beside those of its parent.
import { readFileSync } from 'node:fs';

const [, , modules, version] = process.argv;
const groups = {
  'core.v1': 'api core/v1',
  'apps.v1': 'api apps/v1',
  'authentication.v1': 'api authentication/v1',
  'authorization.v1': 'api authorization/v1',
  'autoscaling.v1': 'api autoscaling/v1',
  'autoscaling.v2': 'api autoscaling/v2',
  'batch.v1': 'api batch/v1',
  'coordination.v1': 'api coordination/v1',
  'discovery.v1': 'api discovery/v1',
  'networking.v1': 'api networking/v1',
  'policy.v1': 'api policy/v1',
  'rbac.v1': 'api rbac/v1',
  'meta.v1': 'apimachinery pkg/apis/meta/v1',
};
// Kinds that typed clients send whole; what they contain is found.
const roots = [
  'core.v1: ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolumeClaim Pod ResourceQuota Secret Service ServiceAccount',
  'apps.v1: DaemonSet Deployment ReplicaSet StatefulSet',
  'authentication.v1: SelfSubjectReview',
  'authorization.v1: LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'autoscaling.v1: Scale',
  'autoscaling.v2: HorizontalPodAutoscaler',
  'batch.v1: CronJob Job',
  'coordination.v1: Lease',
  'discovery.v1: EndpointSlice',
  'networking.v1: Ingress NetworkPolicy',
  'policy.v1: Eviction PodDisruptionBudget',
  'rbac.v1: ClusterRole ClusterRoleBinding Role RoleBinding',
  'meta.v1: DeleteOptions',
].flatMap((line) => {
  const [group, kinds] = line.split(': ');
  return kinds.split(' ').map((kind) => `${group}.${kind}`);
});
const special = {
  'resource.Quantity': 'q',
  'intstr.IntOrString': 'x',
  'meta.v1.Time': 't',
  'meta.v1.MicroTime': 't',
  'meta.v1.FieldsV1': 'j',
  'runtime.RawExtension': 'j',
};
const scalars = { string: 's', bool: 'b', int: 'v', int32: 'v', int64: 'v', uint32: 'v', uint64: 'v', float64: 'd', 'types.UID': 's' };
const packages = { v1: 'core.v1', metav1: 'meta.v1' };

const structs = new Map();
const aliases = new Map();
const imports = new Map();
for (const [group, place] of Object.entries(groups)) {
  const [module, folder] = place.split(' ');
  const text = readFileSync(`${modules}/${module}@${version}/${folder}/types.go`, 'utf8');
  imports.set(group, Object.fromEntries([...text.matchAll(/^\s+(\w+) "k8s\.io\/api\/(\w+)\/(\w+)"/gm)].map(([, name, a, b]) => [name, `${a}.${b}`])));
  for (const [, name, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) structs.set(`${group}.${name}`, body);
  for (const [, name, to] of text.matchAll(/^type (\w+) ([\w.[\]]+)$/gm)) aliases.set(`${group}.${name}`, to);
  for (const [, body] of text.matchAll(/^type \(\n([\s\S]*?)^\)/gm))
    for (const [, name, to] of body.matchAll(/^\s+(\w+) (\w+)$/gm)) aliases.set(`${group}.${name}`, to);
}

const found = {};

function qualify(type, group) {
  if (!type.includes('.')) return `${group}.${type}`;
  const [name, kind] = type.split('.');
  return `${imports.get(group)[name] ?? packages[name] ?? name}.${kind}`;
}

function textOf(type, group) {
  if (type.startsWith('*')) return textOf(type.slice(1), group);
  if (type === '[]byte') return 'y';
  if (type.startsWith('[]')) return `[${textOf(type.slice(2), group)}`;
  const map = /^map\[[\w.]+\](.+)$/.exec(type);
  if (map) return `{${textOf(map[1], group)}`;
  if (scalars[type]) return scalars[type];
  const name = qualify(type, group);
  if (special[name]) return special[name];
  const alias = aliases.get(name);
  // A list with a name of its own is a message with one field.
  if (alias?.startsWith('[]')) {
    found[name] = `1 ${textOf(alias, group)} items`;
    return `@${name}`;
  }
  if (alias) return textOf(alias, name.split('.').slice(0, 2).join('.'));
  if (scalars[name]) return scalars[name];
  visit(name);
  return `@${name}`;
}

function visit(name) {
  if (found[name] !== undefined) return;
  const body = structs.get(name);
  if (body === undefined) throw new Error(`no type ${name}`);
  found[name] = '';
  const group = name.split('.').slice(0, 2).join('.');
  const fields = [];
  for (const [, field, json, protobuf] of body.matchAll(/^\t(?!\/\/)([^\n`]*?)\s*`json:"([^"]*)"[^`\n]*? protobuf:"([^"]*)"/gm)) {
    const number = Number(protobuf.split(',')[1]);
    const type = field.trim().split(/\s+/).at(-1);
    const inline = json.includes(',inline');
    const text = textOf(type, group);
    const optional = json.includes('omitempty') && !type.startsWith('*') && /^[sbvdy]$/.test(text);
    fields.push(`${number} ${text}${inline ? '^' : optional ? '?' : ''} ${json.split(',')[0] || '-'}`);
  }
  found[name] = fields.join(';');
}

const kinds = {};
for (const name of roots) {
  visit(name);
  kinds[name.split('.')[2]] = name;
}
console.log(JSON.stringify({ kinds, messages: found }));
