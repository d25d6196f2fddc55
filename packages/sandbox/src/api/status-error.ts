/** One reason why an object is refused, as in `details.causes` of a Status. */
export interface StatusCause {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldManagerConflict` … */
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural resource, or the kind in answers about validation, as the real server has it. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** The body of a failed answer of the Kubernetes API. */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** What names a resource in messages: `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

/** `deployments.apps`, `pods`. */
export const qualified = ({ group, plural }: GroupResource): string => (group === '' ? plural : `${plural}.${group}`);

/** A refusal of the API server; `toStatus()` is the body of the answer. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  constructor(
    /** HTTP status. */
    readonly code: number,
    /** `NotFound`, `Conflict`, `Invalid` …; empty for errors that the real server has no reason for. */
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
    readonly metadata: { readonly continue?: string } = {},
  ) {
    super(message);
  }

  toStatus(): StatusBody {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason !== '' && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

const about = (resource: GroupResource, name: string): StatusDetails => ({
  ...(name !== '' && { name }),
  ...(resource.group !== '' && { group: resource.group }),
  kind: resource.plural,
});

export const notFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name));

/** An address that no resource serves. */
export const noSuchPath = (): StatusError => new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});

/** @param isGoing the object that has the name waits for its finalizers */
export const alreadyExists = (resource: GroupResource, name: string, isGoing = false): StatusError => {
  const message = `${isGoing ? 'object is being deleted: ' : ''}${qualified(resource)} "${name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, about(resource, name));
};

export const conflict = (resource: GroupResource, name: string, why: string): StatusError =>
  new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`, about(resource, name));

/** The resourceVersion given is not the one stored. */
export const modified = (resource: GroupResource, name: string): StatusError =>
  conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const forbidden = (resource: GroupResource, name: string, why: string, causes?: readonly StatusCause[]): StatusError =>
  new StatusError(403, 'Forbidden', `${qualified(resource)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, {
    ...about(resource, name),
    ...(causes && { causes }),
  });

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized');

export const expired = (message: string, continueToken?: string): StatusError =>
  new StatusError(410, 'Expired', message, undefined, continueToken === undefined ? {} : { continue: continueToken });

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** Several causes, told the way the real server joins them. */
export function invalid(kind: { readonly group: string; readonly kind: string }, name: string, causes: readonly StatusCause[]): StatusError {
  const told = causes.map(({ field, message }) => (field === undefined || field === '' ? message : `${field}: ${message}`));
  const unique = [...new Set(told)];
  const text = unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`;
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${text}`, {
    ...(name !== '' && { name }),
    ...(kind.group !== '' && { group: kind.group }),
    ...(kind.kind !== '' && { kind: kind.kind }),
    causes,
  });
}
