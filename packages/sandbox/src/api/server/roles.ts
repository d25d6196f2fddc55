import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import type { Store } from '../store.js';
import type { Access, User } from './users.js';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const GROUP = 'rbac.authorization.k8s.io';
const has = (list: readonly string[] | undefined, value: string): boolean => list !== undefined && (list.includes('*') || list.includes(value));

function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: Access): boolean {
  const wanted = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource];
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    wanted.some((one) => has(rule.resources, one)) &&
    (!rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name)))
  );
}

const coversPath = ({ verbs, nonResourceURLs }: PolicyRule, verb: string, path: string): boolean =>
  has(verbs, verb) && (nonResourceURLs ?? []).some((one) => one === path || (one.endsWith('*') && path.startsWith(one.slice(0, -1))));

function isAbout(subject: Wire, user: User, namespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.name;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
    default:
      return false;
  }
}

interface Granted {
  readonly rules: readonly PolicyRule[];
  /** As the answer of an access review words it. */
  readonly by: string;
}

/** What roles and their bindings let users do. */
export class Roles {
  constructor(readonly store: Pick<Store, 'get' | 'list'>) {}

  /** The binding that lets the user do it, in the words of the real server; undefined where none does. */
  allow(user: User, access: Access): string | undefined {
    return this.#granted(user, access.namespace).find(({ rules }) => rules.some((rule) => covers(rule, access)))?.by;
  }

  /** The same for a path that is no resource. */
  allowPath(user: User, verb: string, path: string): string | undefined {
    return this.#granted(user, undefined).find(({ rules }) => rules.some((rule) => coversPath(rule, verb, path)))?.by;
  }

  rulesOf(user: User, namespace: string): readonly PolicyRule[] {
    return this.#granted(user, namespace).flatMap(({ rules }) => rules);
  }

  #granted(user: User, namespace: string | undefined): Granted[] {
    const bindings = this.store.list(`clusterrolebindings.${GROUP}`);
    const local = namespace === undefined ? [] : this.store.list(`rolebindings.${GROUP}`, namespace);
    return [...bindings, ...local].flatMap((binding) => {
      const subject = (binding['subjects'] ?? []).find((one: Wire) => isAbout(one, user, binding.metadata.namespace));
      return subject === undefined ? [] : [{ rules: this.#rulesOf(binding), by: reasonOf(binding, subject) }];
    });
  }

  #rulesOf({ roleRef, metadata }: KubeObject): readonly PolicyRule[] {
    const role =
      roleRef.kind === 'ClusterRole'
        ? this.store.get(`clusterroles.${GROUP}`, undefined, roleRef.name)
        : this.store.get(`roles.${GROUP}`, metadata.namespace, roleRef.name);
    return role?.['rules'] ?? [];
  }
}

function reasonOf({ kind, metadata, roleRef }: KubeObject, { kind: subjectKind, name, namespace }: Wire): string {
  const binding = metadata.namespace === undefined ? metadata.name : `${metadata.name}/${metadata.namespace}`;
  const who = subjectKind === 'ServiceAccount' ? `${name}/${namespace ?? metadata.namespace}` : name;
  return `RBAC: allowed by ${kind} "${binding}" of ${roleRef.kind} "${roleRef.name}" to ${subjectKind} "${who}"`;
}
