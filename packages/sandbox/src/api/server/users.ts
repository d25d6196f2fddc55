import { randomBytes } from 'node:crypto';
import type { ResourceInfo } from '../resources.js';
import { forbidden, qualified, StatusError, unauthorized } from '../status-error.js';
import type { Incoming } from './incoming.js';
import type { PolicyRule, Roles } from './roles.js';

/** What a user may do; all parts must match. `*` stands for anything. */
export interface AccessRule {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verbs: readonly string[];
  /** `pods`, `deployments.apps`, `deployments.apps/scale`, `pods/log`. */
  readonly resources: readonly string[];
  /** In this namespace alone. @default everywhere */
  readonly namespace?: string | undefined;
  /** These objects alone; never for create and list, as in RBAC. @default all */
  readonly names?: readonly string[] | undefined;
}

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** What it may do besides what roles say. */
  readonly rules: readonly AccessRule[];
}

/** One question to the rules. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Who may do everything. */
const MASTERS = 'system:masters';
const AUTHENTICATED = 'system:authenticated';
const ADMIN: User = { name: 'admin', groups: [MASTERS, AUTHENTICATED], rules: [] };
const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'], rules: [] };

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

function allows(rule: AccessRule, access: Access): boolean {
  const base = qualified({ group: access.group, plural: access.resource });
  const resource = access.subresource ? `${base}/${access.subresource}` : base;
  return (
    has(rule.verbs, access.verb) &&
    has(rule.resources, resource) &&
    (rule.namespace === undefined || rule.namespace === access.namespace) &&
    (rule.names === undefined || (access.name !== undefined && rule.names.includes(access.name)))
  );
}

/** Service accounts are in groups of their own. */
function groupsOf(name: string): readonly string[] {
  const [, kind, namespace] = /^system:(serviceaccount):([^:]+):[^:]+$/.exec(name) ?? [];
  return kind === undefined ? [AUTHENTICATED] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED];
}

/** Who has which token, and what they may do: by rules of their own and by roles. */
export class Users {
  readonly #byToken = new Map<string, User>();
  #adminToken = this.#add(ADMIN);

  constructor(readonly roles: Roles) {}

  get adminToken(): string {
    return this.#adminToken;
  }

  /** The old one is nobody's from now on. @returns the new one */
  rotateAdminToken(): string {
    this.#byToken.delete(this.#adminToken);
    this.#adminToken = this.#add(ADMIN);
    return this.#adminToken;
  }

  /** @returns the token */
  add(name: string, rules: readonly AccessRule[]): string {
    return this.#add({ name, groups: groupsOf(name), rules });
  }

  #add(user: User): string {
    const token = randomBytes(24).toString('base64url');
    this.#byToken.set(token, user);
    return token;
  }

  /** The user of this name, who may have nothing but roles. */
  named(name: string, groups: readonly string[] = []): User {
    const known = [...this.#byToken.values()].find((user) => user.name === name);
    const { rules = [], groups: own = groupsOf(name) } = known ?? {};
    return { name, rules, groups: groups.length > 0 ? [...new Set([...groups, AUTHENTICATED])] : own };
  }

  /**
   * Who asks: by token, or whom the admin speaks for (`Impersonate-User`).
   * @param local the request came over loopback HTTP: there clients of Go keep their tokens to themselves, so who says nothing is the admin
   * @throws StatusError 401 for a token that nobody has
   */
  of(request: Incoming, local: boolean): User {
    const user = this.#authenticated(request.headers.get('authorization'), local);
    const other = request.headers.get('impersonate-user');
    if (other === null) return user;
    if (!user.groups.includes(MASTERS))
      throw forbidden({ group: '', plural: 'users' }, other, `User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`);
    const groups = request.headers.get('impersonate-group');
    return this.named(other, groups === null ? [] : groups.split(/, */));
  }

  #authenticated(header: string | null, local: boolean): User {
    if (header === null) return local ? ADMIN : ANONYMOUS;
    const user = this.#byToken.get(/^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
    if (!user) throw unauthorized();
    return user;
  }

  may(user: User, access: Access): boolean {
    return user.groups.includes(MASTERS) || user.rules.some((rule) => allows(rule, access)) || this.roles.allow(user, access) !== undefined;
  }

  /** Paths that are no resources: what everybody may read, and what roles say. */
  mayPath(user: User, verb: string, path: string): boolean {
    return user.groups.includes(MASTERS) || this.roles.allowPath(user, verb, path) !== undefined;
  }

  /** @throws StatusError 403 in the words of the real server */
  requirePath(user: User, verb: string, path: string): void {
    if (!this.mayPath(user, verb, path))
      throw new StatusError(403, 'Forbidden', `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`, {});
  }

  /** Why the user may read a path, where a role says so. */
  reasonOfPath(user: User, verb: string, path: string): string | undefined {
    return this.roles.allowPath(user, verb, path);
  }

  /** Why the user may, where a role says so. */
  reason(user: User, access: Access): string | undefined {
    return user.groups.includes(MASTERS) || user.rules.some((rule) => allows(rule, access)) ? undefined : this.roles.allow(user, access);
  }

  /** All that the user may do in a namespace, as rules of a role. */
  rulesIn(user: User, namespace: string): readonly PolicyRule[] {
    const own = user.rules.filter((rule) => rule.namespace === undefined || rule.namespace === namespace).map(policyOf);
    return [...this.roles.rulesOf(user, namespace), ...own];
  }

  /** @throws StatusError 403 in the words of the real server */
  require(user: User, access: Access): void {
    if (this.may(user, access)) return;
    const { group, resource, subresource, namespace, name, verb } = access;
    // a namespace is within itself
    const within = group === '' && resource === 'namespaces' ? name : namespace;
    const where = within === undefined ? 'at the cluster scope' : `in the namespace "${within}"`;
    const what = subresource === undefined ? resource : `${resource}/${subresource}`;
    const subject = `${qualified({ group, plural: resource })}${name === undefined ? '' : ` "${name}"`}`;
    throw new StatusError(403, 'Forbidden', `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`, {
      ...(name !== undefined && { name }),
      ...(group !== '' && { group }),
      kind: resource,
    });
  }
}

/** A rule as a role would have it. */
function policyOf({ verbs, resources, names }: AccessRule): PolicyRule {
  const places = resources.map((resource) => {
    const [, plural = '', group = '', subresource = ''] = /^([^./]+)\.?([^/]*)(.*)$/.exec(resource) ?? [];
    return { group: resource === '*' ? '*' : group, resource: `${plural}${subresource}` };
  });
  return {
    verbs,
    apiGroups: [...new Set(places.map(({ group }) => group))],
    resources: places.map(({ resource }) => resource),
    ...(names && { resourceNames: names }),
  };
}

/** The question that a call to a resource asks. */
export const accessOf = (
  verb: string,
  { group, plural }: Pick<ResourceInfo, 'group' | 'plural'>,
  { namespace, name, subresource }: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): Access => ({ verb, group, resource: plural, subresource, namespace, name });
