import { randomBytes } from 'node:crypto';
import { type ResourceInfo } from '../resources.js';
import { forbidden, qualified, StatusError, unauthorized } from '../status-error.js';

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

const ADMIN_NAME = 'admin';
const ADMIN: readonly AccessRule[] = [{ verbs: ['*'], resources: ['*'] }];

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

/** Who has which token, and what they may do. */
export class Users {
  readonly #byToken = new Map<string, User>();
  readonly adminToken = this.add({ name: ADMIN_NAME, rules: ADMIN });

  /** @returns the token */
  add(user: User): string {
    const token = randomBytes(24).toString('base64url');
    this.#byToken.set(token, user);
    return token;
  }

  /**
   * Who asks: by token, or whom the admin speaks for (`Impersonate-User`).
   * @param local the request came over loopback HTTP: there clients of Go keep their tokens to themselves, so who says nothing is the admin
   * @throws StatusError 401 for a token that nobody has
   */
  of(request: Request, local: boolean): User {
    const user = this.#authenticated(request.headers.get('authorization'), local);
    const other = request.headers.get('impersonate-user');
    if (other === null) return user;
    if (user.name !== ADMIN_NAME)
      throw forbidden({ group: '', plural: 'users' }, other, `User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`);
    return [...this.#byToken.values()].find(({ name }) => name === other) ?? { name: other, rules: [] };
  }

  #authenticated(header: string | null, local: boolean): User {
    if (header === null) return local ? { name: ADMIN_NAME, rules: ADMIN } : { name: 'system:anonymous', rules: [] };
    const user = this.#byToken.get(/^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
    if (!user) throw unauthorized();
    return user;
  }

  may(user: User, access: Access): boolean {
    return user.rules.some((rule) => allows(rule, access));
  }

  /** @throws StatusError 403 in the words of the real server */
  require(user: User, access: Access): void {
    if (this.may(user, access)) return;
    const { group, resource, subresource, namespace, name, verb } = access;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const what = subresource === undefined ? resource : `${resource}/${subresource}`;
    const subject = `${qualified({ group, plural: resource })}${name === undefined ? '' : ` "${name}"`}`;
    throw new StatusError(403, 'Forbidden', `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`, {
      ...(name !== undefined && { name }),
      ...(group !== '' && { group }),
      kind: resource,
    });
  }
}

/** The question that a call to a resource asks. */
export const accessOf = (
  verb: string,
  { group, plural }: Pick<ResourceInfo, 'group' | 'plural'>,
  { namespace, name, subresource }: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): Access => ({ verb, group, resource: plural, subresource, namespace, name });
