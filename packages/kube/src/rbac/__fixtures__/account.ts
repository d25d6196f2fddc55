import { Shepherd } from '@shepherd/core';
import type { Sandbox } from '@shepherd/sandbox';
import { parse, stringify } from 'yaml';
import { rbacResource, rbacVerb } from '../../api/kube-path.js';
import { kubernetes } from '../../index.js';
import { type RbacPurpose, rolesFor } from '../roles.js';

export interface Role {
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

export const roleFor = (purposes: readonly RbacPurpose[]): Role => rolesFor({ purposes, namespace: 'shop' })[0] as Role;

async function apply(sandbox: Sandbox, objects: readonly object[]): Promise<void> {
  const token = /token: (\S+)/.exec(sandbox.connection.kubeconfig)?.[1] ?? '';
  for (const object of objects) {
    const plural = `${(object as { kind: string }).kind.toLowerCase()}s`;
    const url = `http://sandbox.invalid/apis/rbac.authorization.k8s.io/v1/namespaces/shop/${plural}`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await sandbox.connection.transport(new Request(url, { method: 'POST', body: JSON.stringify(object), headers }));
    if (!response.ok) throw new Error(await response.text());
  }
}

/** A service account with these objects alone, and what it asks of the API: `patch services`. */
export async function account(sandbox: Sandbox, name: string, purposes: readonly RbacPurpose[], change: (role: Role) => Role = (role) => role) {
  const [role, binding] = rolesFor({ purposes, namespace: 'shop', name, subject: { kind: 'ServiceAccount', name } });
  await apply(sandbox, [change(role as Role), binding as object]);
  const used = new Set<string>();
  const { transport, clock, kubeconfig } = sandbox.connection;
  const plain = async (request: Parameters<NonNullable<typeof transport.plain>>[0]) => {
    const { pathname, searchParams } = new URL(request.url);
    used.add(`${rbacVerb(request.method, pathname, Object.fromEntries(searchParams))} ${rbacResource(pathname)}`);
    return (await transport.plain?.(request)) as never;
  };
  const config = parse(kubeconfig) as { users: { user: Record<string, unknown> }[] };
  for (const { user } of config.users) user['as'] = `system:serviceaccount:shop:${name}`;
  const platform = kubernetes({ kubeconfig: stringify(config), clock, transport: Object.assign((request: Request) => transport(request), { plain }) });
  return { used, platform, shepherd: new Shepherd({ platform, extensions: [platform.job] }), role: role as Role };
}

/** `patch deployments.apps`, as `used` has them. */
export const verbsOf = ({ rules }: Role): readonly string[] =>
  rules.flatMap(({ apiGroups: [group = ''], resources: [resource = ''], verbs }) => {
    const [base = '', sub] = resource.split('/');
    return verbs.map((verb) => `${verb} ${base}${group === '' ? '' : `.${group}`}${sub === undefined ? '' : `/${sub}`}`);
  });

export const without = (role: Role, verb: string): Role => ({
  ...role,
  rules: role.rules
    .map((rule) => ({ ...rule, verbs: rule.verbs.filter((each) => !verbsOf({ rules: [{ ...rule, verbs: [each] }] }).includes(verb)) }))
    .filter(({ verbs }) => verbs.length > 0),
});

/** The same right as people write it: `create pods/eviction`. */
export const said = (right: string): string => {
  const [verb = '', resource = ''] = right.split(' ');
  return `${verb} ${resource.replace(/^([^./]+)((?:\.[^/]+)?)(\/.+)$/, '$1$3$2')}`;
};
