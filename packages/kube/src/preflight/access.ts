import { type Finding, type PortContext, ShepherdError } from '@shepherd/core';
import { type Cluster, translated } from '../cluster.js';
import { paths } from '../objects.js';
import { common, merged, qualified, type Right, type Wish, wishes } from './rights.js';

interface Review {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly allowed?: boolean };
}

interface Missing {
  readonly verb: string;
  /** `deployments.apps`. */
  readonly resource: string;
}

/** Asks the server, before the first write, about every right that each rollout takes. @throws ShepherdError ERR_FORBIDDEN with all that is missing */
export async function checkAccess(cluster: Cluster, context: PortContext): Promise<readonly Finding[]> {
  await mustHave(cluster, context, common);
  return wishFindings(cluster, context, wishes);
}

/** @throws ShepherdError ERR_FORBIDDEN with all that is missing */
export async function mustHave(cluster: Cluster, context: PortContext, rights: readonly Right[]): Promise<void> {
  const missing = await missingOf(cluster, context, rights);
  if (missing.length > 0) {
    throw new ShepherdError(
      'ERR_FORBIDDEN',
      `not allowed in namespace ${context.app.namespace}: ${missing.map(({ verb, resource }) => `${verb} ${resource}`).join(', ')}`,
      {
        facts: { missing },
        remedy: 'have a Role with these verbs bound to you in that namespace; shepherd rbac prints the smallest one',
      },
    );
  }
}

/** What a plan takes and is not allowed, each verb by itself; what is only wished for as a warning. */
export async function accessFindings(cluster: Cluster, context: PortContext, rights: readonly Right[]): Promise<readonly Finding[]> {
  return (await missingOf(cluster, context, merged(rights))).map(({ verb, resource }) => ({
    id: 'rights',
    level: 'error',
    object: resource,
    message: `not allowed to ${verb} ${resource}`,
    fix: `allow ${verb} on ${resource} in that namespace; shepherd rbac prints the smallest Role`,
  }));
}

/** Rights that can be done without, and what is missing then. */
export async function wishFindings(cluster: Cluster, context: PortContext, wished: readonly Wish[]): Promise<readonly Finding[]> {
  const lacking = await Promise.all(
    wished.map(async (wish) =>
      (await missingOf(cluster, context, [wish])).map(
        ({ verb, resource }): Finding => ({
          id: 'rights-optional',
          level: 'warning',
          object: resource,
          message: `not allowed to ${verb} ${resource}: ${wish.without}`,
          fix: `allow ${verb} on ${resource}`,
        }),
      ),
    ),
  );
  return lacking.flat();
}

/** May this kind be written in the app's namespace? */
export const mayWrite = (
  cluster: Cluster,
  context: PortContext,
  [group, resource]: readonly [group: string, resource: string],
  verb: 'patch' | 'create' = 'patch',
): Promise<boolean> => isAllowed(cluster, context, { group, resource, verb });

/** An app that may not even be read: the error with everything that a rollout of it would lack, not the first thing alone. */
export async function explainForbidden(cluster: Cluster, context: PortContext, error: unknown): Promise<never> {
  if (ShepherdError.is(error, 'ERR_FORBIDDEN')) {
    await checkAccess(cluster, context).catch((whole: unknown) => {
      if (ShepherdError.is(whole, 'ERR_FORBIDDEN')) throw whole;
    });
  }
  throw error;
}

async function missingOf(cluster: Cluster, context: PortContext, rights: readonly Right[]): Promise<readonly Missing[]> {
  const asked = rights.flatMap(({ group, resource, verbs }) => verbs.map((verb) => ({ group, resource, verb })));
  const answers = await Promise.all(asked.map((each) => isAllowed(cluster, context, each)));
  return asked.filter((_, index) => answers[index] === false).map((each) => ({ verb: each.verb, resource: qualified(each) }));
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
