import type { Wire } from '../json.js';
import { invalidValue, required } from '../kinds/causes.js';
import { trackUpdate } from '../patch/managed-fields.js';
import { apiVersionOf } from '../resources.js';
import { typeOfKind } from '../schema/schema.js';
import { invalid, noSuchPath } from '../status-error.js';
import { type Answer, json } from './answer.js';
import { readObject } from './body.js';
import type { Call } from './call.js';
import type { ServerContext } from './context.js';
import type { Access, User, Users } from './users.js';
import { writerOf } from './write.js';
import { decodeBody, writeQueryOf } from './write-options.js';

const accessOfReview = ({ verb, group, resource, subresource, namespace, name }: Wire): Access => ({
  verb: verb ?? '',
  group: group ?? '',
  resource: resource ?? '',
  subresource: subresource || undefined,
  namespace: namespace || undefined,
  name: name || undefined,
});

/** May this user? */
function verdict(users: Users, user: User, { resourceAttributes, nonResourceAttributes }: Wire): Wire {
  if (nonResourceAttributes) {
    const { verb = '', path = '' } = nonResourceAttributes;
    const reason = users.reasonOfPath(user, verb, path);
    return { allowed: users.mayPath(user, verb, path), ...(reason !== undefined && { reason }) };
  }
  const access = accessOfReview(resourceAttributes ?? {});
  const reason = users.reason(user, access);
  return { allowed: users.may(user, access), ...(reason !== undefined && { reason }) };
}

function needAttributes({ info }: Call, spec: Wire, causes = [] as ReturnType<typeof required>[]): void {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes && nonResourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes;
    // The real server shows its own struct here.
    causes.push(invalidValue('spec.nonResourceAttributes', { Path: path, Verb: verb }, 'cannot be specified in combination with resourceAttributes'));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    causes.push(invalidValue('spec.resourceAttributes', resourceAttributes, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  }
  // nor does it know the kind at this point
  if (causes.length > 0) throw invalid({ group: info.group, kind: '' }, '', causes);
}

function rulesStatus(users: Users, user: User, { namespace }: Wire): Wire {
  const rules = users.rulesIn(user, namespace);
  const sorted = (isPath: boolean): Wire[] => rules.filter(({ nonResourceURLs }) => Boolean(nonResourceURLs) === isPath).map((rule) => ({ ...rule }));
  return { resourceRules: sorted(false), nonResourceRules: sorted(true), incomplete: false };
}

/** The spec and status of a review, by its kind. @throws StatusError 422 for a question that is none */
function reviewed(users: Users, call: Call, spec: Wire): { spec?: Wire; status: Wire } {
  const { user, info, namespace } = call;
  switch (info.kind) {
    case 'SelfSubjectReview':
      return { status: { userInfo: { username: user.name, groups: user.groups } } };
    case 'SelfSubjectRulesReview':
      if (!spec.namespace) throw invalid(info, '', [required('spec.namespace', 'a namespace is required')]);
      return { spec: {}, status: rulesStatus(users, user, spec) };
    case 'SelfSubjectAccessReview':
      needAttributes(call, spec);
      return { spec, status: verdict(users, user, spec) };
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview': {
      const nobody = !spec.user && !spec.groups?.length;
      needAttributes(call, spec, nobody ? [invalidValue('spec.user', spec.user ?? '', 'at least one of user or group must be specified')] : []);
      const asked = {
        ...spec,
        resourceAttributes: spec.resourceAttributes && { ...spec.resourceAttributes, namespace: namespace ?? spec.resourceAttributes.namespace },
      };
      return { spec, status: verdict(users, users.named(spec.user ?? '', spec.groups), asked) };
    }
    default:
      throw noSuchPath();
  }
}

/** Whether the kind is a question: answered at once, stored nowhere. */
export const isReview = ({ group }: { readonly group: string }): boolean => group === 'authorization.k8s.io' || group === 'authentication.k8s.io';

/** Everybody may ask what they themselves may do. */
export const isOpenReview = ({ group, plural }: { readonly group: string; readonly plural: string }): boolean =>
  isReview({ group }) && plural.startsWith('selfsubject');

/** `POST selfsubjectaccessreviews` and its like. */
export async function review(context: ServerContext, call: Call): Promise<Answer> {
  const { info } = call;
  const query = writeQueryOf(call);
  const { object } = decodeBody(info, (await readObject(call.request, info.kind)) ?? {}, query.validation);
  const draft: Wire = { metadata: {}, ...(object.spec && { spec: object.spec }) };
  trackUpdate(draft, undefined, writerOf(context, call, query), typeOfKind(info.kind));
  return json({ kind: info.kind, apiVersion: apiVersionOf(info), metadata: draft.metadata, ...reviewed(context.users, call, object.spec ?? {}) }, 201);
}
