import { Shepherd } from '@shepherd/core';
import { type KubePlatform, type KubeRelease, kubernetes, type RbacPurpose, rolesFor } from '@shepherd/kube';
import { kubectl } from '../../bench/src/lab/index.js';

export interface Role {
  readonly kind: string;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

export interface RoleVerb {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

/** The Role that is printed for these purposes. */
export const roleOf = (purposes: readonly RbacPurpose[], namespace: string): Role => rolesFor({ purposes, namespace })[0] as unknown as Role;

export const verbsOf = ({ rules }: Role): readonly RoleVerb[] =>
  rules.flatMap(({ apiGroups: [group = ''], resources: [resource = ''], verbs }) => verbs.map((verb) => ({ group, resource, verb })));

/** `create pods/eviction`, `get jobs.batch`. */
export const textOf = ({ group, resource, verb }: RoleVerb): string => `${verb} ${resource}${group === '' ? '' : `.${group}`}`;

export const without =
  ({ group, resource, verb }: RoleVerb) =>
  (role: Role): Role => ({
    ...role,
    rules: role.rules
      .map((rule) => (rule.apiGroups[0] === group && rule.resources[0] === resource ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule))
      .filter((rule) => rule.verbs.length > 0),
  });

export interface Account extends AsyncDisposable {
  readonly shepherd: Shepherd<KubeRelease>;
  readonly platform: KubePlatform;
}

/** A service account with the printed Role, or a part of it, as a user of its own. */
export async function makeAccount(
  namespace: string,
  name: string,
  purposes: readonly RbacPurpose[],
  change: (role: Role) => Role = (role) => role,
): Promise<Account> {
  const [role, binding] = rolesFor({ purposes, namespace, name, subject: { kind: 'ServiceAccount', name } });
  const items = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }, change(role as Role), binding];
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json'])) as {
    readonly clusters: readonly { readonly cluster: object }[];
  };
  const token = (await kubectl(['-n', namespace, 'create', 'token', name])).trim();
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace } }],
    clusters: [{ name: 'c', cluster: config.clusters[0]?.cluster }],
    users: [{ name: 'u', user: { token } }],
  });
  const platform = kubernetes({ namespace, kubeconfig });
  const shepherd = new Shepherd({ platform, extensions: [platform.job] });
  return { platform, shepherd, [Symbol.asyncDispose]: () => shepherd.close().then(() => undefined) };
}
