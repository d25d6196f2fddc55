import { ShepherdError } from '@shepherd/core';
import { isTlsReason, KubeError } from './kube-error.js';
import { describePath, parseKubePath, rbacResource } from './kube-path.js';

/**
 * A failure of the API as an error of this SDK, for where it leaves the adapter. `what` names what was tried ("scale web"). What already is a ShepherdError
 * stays itself. 401 and 403 become ERR_FORBIDDEN, no answer, 429 and 5xx ERR_UNREACHABLE, 409 ERR_CONFLICT, refused fields ERR_INVALID_OPTIONS, the rest
 * ERR_UNEXPECTED. An aborted signal's reason is not a failure of the API: look at the signal first.
 */
export function toShepherdError(error: unknown, what: string): ShepherdError {
  if (ShepherdError.is(error)) return error;
  if (!KubeError.is(error)) return unexpected(error, what, error instanceof Error ? error.message : String(error));
  const { status, reason } = error;
  if (status === 401 || status === 403) return forbidden(error, what);
  if (status === 409 || (status === 429 && parseKubePath(error.path).subresource === 'eviction')) return conflict(error, what);
  const fields = error.details.causes.filter(({ field }) => field !== undefined);
  if ((status === 422 || status === 400 || reason === 'SchemaMismatch') && fields.length > 0) return refused(error, what, fields);
  // Without a cause it is a JSON Patch whose `test` did not hold, or whose place is gone.
  if (status === 422 && error.verb === 'patch') return conflict(error, what);
  if (status === 0 || status === 408 || status === 429 || status >= 500) return unreachable(error, what);
  return unexpected(error, what, `${status} ${reason}`);
}

function forbidden(error: KubeError, what: string): ShepherdError {
  if (isAdmission(error)) {
    const remedy =
      'a policy of the cluster refused it, no right is missing: read the reason (quota, LimitRange, PodSecurity or a webhook) and fit the release to it';
    return new ShepherdError('ERR_FORBIDDEN', `${what}: ${error.message}`, { facts: { missing: [] }, remedy, cause: error });
  }
  const { group, namespace, resource, subresource } = parseKubePath(error.path);
  const missing = [{ verb: error.verb, resource: rbacResource(error.path) }];
  const inRole =
    resource === '' ? `nonResourceURLs: ["${error.path}"]` : `apiGroups: ["${group}"], resources: ["${[resource, subresource].filter(Boolean).join('/')}"]`;
  const where = namespace === undefined || resource === 'namespaces' ? 'in a ClusterRole' : `in a Role of namespace ${namespace}`;
  const remedy =
    error.status === 401
      ? 'log in again: the credential of this context is missing, expired or not of this cluster (kubectl auth whoami shows what the server makes of it)'
      : `grant { ${inRole}, verbs: ["${error.verb}"] } ${where} to the user of this context`;
  return new ShepherdError('ERR_FORBIDDEN', `${what}: ${error.message}`, { facts: { missing }, remedy, cause: error });
}

/** Quota and policies answer 403 Forbidden as well; only the text of the authorizer says which verb the user lacks. */
const isAdmission = ({ status, reason, message }: KubeError): boolean =>
  status === 403 && reason === 'Forbidden' && !/\bcannot \w+ (resource|path)\b/.test(message);

function conflict(error: KubeError, what: string): ShepherdError {
  const foreign = error.details.causes.filter(({ reason }) => reason === 'FieldManagerConflict');
  const exists = error.reason === 'AlreadyExists';
  const { name } = error.details;
  const remedy =
    error.status === 429
      ? 'a PodDisruptionBudget allows no eviction now: wait until more pods are ready, or widen the budget'
      : foreign.length > 0
        ? `another manager owns ${foreign.map(({ field }) => field).join(', ')}: let it set these fields, or take them out of the release`
        : exists
          ? 'an object of this name exists that is not of this rollout: rename it, or remove it if nobody needs it'
          : 'something else changed the object meanwhile: find out who (kubectl get --show-managed-fields), then try again';
  const said = foreign.length > 0 ? foreign.map(({ message, field }) => `${message ?? 'conflict'} [${field}]`).join('; ') : error.message;
  return new ShepherdError('ERR_CONFLICT', `${what}: ${error.message}`, {
    facts: { object: describePath(exists && name !== undefined ? `${error.path}/${name}` : error.path), reason: said },
    remedy,
    retryable: foreign.length === 0 && !exists,
    cause: error,
  });
}

function unreachable(error: KubeError, what: string): ShepherdError {
  const tls = error.status === 0 && isTlsReason(error.reason);
  const remedy = tls
    ? 'the certificate of the server is not trusted: correct certificate-authority or tls-server-name of this cluster in the kubeconfig'
    : error.status === 0
      ? 'see that the server of this context is right and reachable from here (kubectl get --raw /readyz), VPN and proxy included; then try again'
      : 'the API server is overloaded or failing: see its health (kubectl get --raw /readyz?verbose), then try again';
  return new ShepherdError('ERR_UNREACHABLE', `${what}: ${error.message}`, {
    facts: { what, reason: error.status === 0 ? error.reason : `${error.status} ${error.reason}` },
    remedy,
    retryable: !tls,
    cause: error,
  });
}

function refused(error: KubeError, what: string, fields: KubeError['details']['causes']): ShepherdError {
  const issues = fields.map(({ field = '', message, reason }) => ({
    path: field,
    got: reason ?? 'a refused value',
    expected: message ?? 'a value that the API server accepts',
  }));
  return new ShepherdError('ERR_INVALID_OPTIONS', `${what}: ${error.message}`, {
    facts: { issues },
    remedy: `correct the fields named in ${describePath(error.path)}: the API server refused them`,
    cause: error,
  });
}

function unexpected(cause: unknown, what: string, reason: string): ShepherdError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ShepherdError('ERR_UNEXPECTED', `${what}: ${message}`, {
    facts: { reason },
    remedy:
      KubeError.is(cause) && cause.status === 404
        ? 'see that the object and its kind exist on this cluster'
        : 'read the reason; if it does not help, report it with the output of --json',
    cause,
  });
}
