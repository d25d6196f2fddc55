import { type Finding, type PortContext, ShepherdError } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { paths } from '../objects.js';

/** What a rollout needs in the app's namespace: verb, resource with its group. */
const needed: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ['apps', 'deployments', ['get', 'list', 'watch', 'patch', 'create', 'delete']],
  ['apps', 'replicasets', ['list', 'watch', 'patch']],
  ['', 'pods', ['list', 'watch']],
  ['', 'pods/proxy', ['get']],
  ['', 'services', ['get', 'list', 'watch', 'patch', 'create', 'delete']],
  ['', 'services/proxy', ['get']],
  ['', 'configmaps', ['get', 'list', 'watch', 'create', 'update', 'patch']],
  ['discovery.k8s.io', 'endpointslices', ['list', 'watch']],
  ['coordination.k8s.io', 'leases', ['get', 'create', 'update']],
];

/** Rights that a rollout can do without, and what it lacks then. */
const wished: readonly (readonly [...(typeof needed)[number], without: string])[] = [
  ['', 'pods/log', ['get'], 'a report of a failed pod will lack them'],
  ['', 'events', ['list'], 'a report of a failed pod will lack them'],
  ['autoscaling', 'horizontalpodautoscalers', ['list'], 'an autoscaler of the app is not seen and not held, and moves pods under the rollout'],
];

interface Review {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly allowed?: boolean };
}

/** Asks the server about every right before the first write. @throws ShepherdError ERR_FORBIDDEN with all that is missing */
export async function checkAccess(cluster: Cluster, context: PortContext): Promise<readonly Finding[]> {
  const missing = await missingOf(cluster, context, needed);
  if (missing.length > 0) {
    throw new ShepherdError(
      'ERR_FORBIDDEN',
      `not allowed in namespace ${context.app.namespace}: ${missing.map(({ verb, resource }) => `${verb} ${resource}`).join(', ')}`,
      {
        facts: { missing },
        remedy: 'have a Role with these verbs bound to you in that namespace',
      },
    );
  }
  const lacking = await Promise.all(
    wished.map(async ([group, resource, verbs, without]) =>
      (await missingOf(cluster, context, [[group, resource, verbs]])).map((right): Finding => {
        const what = `${right.verb} ${right.resource}`;
        return { id: 'rights', level: 'warning', message: `not allowed to ${what}: ${without}`, fix: `allow ${right.verb} on ${right.resource}` };
      }),
    ),
  );
  return lacking.flat();
}

/** May this kind be patched in the app's namespace? */
export const mayPatch = (cluster: Cluster, context: PortContext, [group, resource]: readonly [group: string, resource: string]): Promise<boolean> =>
  isAllowed(cluster, context, { group, resource, verb: 'patch' });

/** An app that may not even be read: the error with everything that a rollout of it would lack, not the first thing alone. */
export async function explainForbidden(cluster: Cluster, context: PortContext, error: unknown): Promise<never> {
  if (ShepherdError.is(error, 'ERR_FORBIDDEN')) {
    await checkAccess(cluster, context).catch((whole: unknown) => {
      if (ShepherdError.is(whole, 'ERR_FORBIDDEN')) throw whole;
    });
  }
  throw error;
}

async function missingOf(
  cluster: Cluster,
  context: PortContext,
  rights: typeof needed,
): Promise<readonly { readonly verb: string; readonly resource: string }[]> {
  const asked = rights.flatMap(([group, resource, verbs]) => verbs.map((verb) => ({ group, resource, verb })));
  const answers = await Promise.all(asked.map((each) => isAllowed(cluster, context, each)));
  return asked
    .filter((_, index) => answers[index] === false)
    .map(({ verb, resource, group }) => ({ verb, resource: group === '' ? resource : `${resource}.${group}` }));
}

function isAllowed(
  cluster: Cluster,
  context: PortContext,
  { group, resource: full, verb }: { readonly group: string; readonly resource: string; readonly verb: string },
): Promise<boolean> {
  const [resource, subresource] = full.split('/');
  const resourceAttributes = { namespace: context.app.namespace, group, resource, verb, ...(subresource === undefined ? {} : { subresource }) };
  return translated(context, 'ask about rights', async () => {
    const review = await cluster.api.create<Review>(
      paths.accessReviews,
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
      { signal: context.signal },
    );
    return review.status?.allowed === true;
  });
}
