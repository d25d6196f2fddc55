import { describePath, parseKubePath, rbacVerb } from './kube-path.js';

/** One cause of a Status: which field, and what the server says of it. */
export interface KubeCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

/** `details` of a Status, as far as we read it. */
export interface KubeErrorDetails {
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly causes: readonly KubeCause[];
}

/** Which request failed. `verb` is RBAC's word. */
export interface KubeCall {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

interface KubeErrorFields {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly reason: string;
  readonly details?: KubeErrorDetails | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for('shepherd.kube.KubeError');
const maxText = 2048;

/**
 * A request that failed: an answer other than 2xx, or none (`status` 0; `reason` is then `Timeout`, `Closed` or the socket's code, as `ECONNREFUSED`).
 * Branch on `status` and `reason`, never on the message. It holds no credential, and nothing that a server says about Secrets.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  /** The Status reason (`Conflict`, `AlreadyExists`, `NotFound` …), `SchemaMismatch` for an apply with unknown or doubled fields, else `HTTP <status>`. */
  readonly reason: string;
  readonly details: KubeErrorDetails;
  /** What the server asked us to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  readonly verb: string;
  readonly path: string;

  constructor(call: KubeCall, message: string, { status, reason, details, retryAfterMs, cause }: KubeErrorFields) {
    const verb = rbacVerb(call.method, call.path, call.query);
    super(
      `${verb} ${describePath(call.path)} failed [${status === 0 ? reason : `${status} ${reason}`}]: ${message}`,
      cause === undefined ? undefined : { cause },
    );
    this.status = status;
    this.reason = reason;
    this.details = details ?? { causes: [] };
    this.retryAfterMs = retryAfterMs;
    this.verb = verb;
    this.path = call.path;
    Object.defineProperty(this, brand, { value: true });
  }

  static is(error: unknown, status?: number): error is KubeError {
    return typeof error === 'object' && error !== null && brand in error && (status === undefined || (error as { status?: unknown }).status === status);
  }
}

/** The error that an answer means: a Status, or else the code and up to 2 KB of its text, because proxies answer HTML (KC REQ-5). */
export function errorOfAnswer(call: KubeCall, answer: { status: number; headers: Readonly<Record<string, string>>; text: string }): KubeError {
  const { status, headers, text } = answer;
  const secret = parseKubePath(call.path).resource === 'secrets';
  const body = statusOf(text);
  const retryAfterMs = waitOf(headers['retry-after'], body?.details?.retryAfterSeconds);
  if (body === undefined) {
    const said = secret ? '' : redact(text).slice(0, maxText).trim();
    return new KubeError(call, said === '' ? 'no explanation' : said, { status, reason: `HTTP ${status}`, retryAfterMs });
  }
  const causes = (Array.isArray(body.details?.causes) ? body.details.causes : []).map(({ reason, message, field }) => ({
    reason: textOr(reason),
    message: secret ? undefined : textOr(message),
    field: textOr(field),
  }));
  if (status === 500 && body.reason === undefined && schemaFault.test(textOr(body.message) ?? ''))
    return schemaError(call, status, textOr(body.message) ?? '', secret);
  const reason = textOr(body.reason) ?? `HTTP ${status}`;
  const message = secret ? 'the explanation is withheld, because it may quote the Secret' : redact(textOr(body.message) ?? 'no explanation').slice(0, maxText);
  const details = { name: textOr(body.details?.name), kind: textOr(body.details?.kind), causes };
  return new KubeError(call, message, { status: typeof body.code === 'number' ? body.code : status, reason, details, retryAfterMs });
}

/** Apply answers 500 without a reason for a body that does not fit the schema (seen with 1.34); without this it would be sent again for a minute. */
const schemaFault = /^failed to create typed patch object|field not declared in schema|duplicate entries for key/;

function schemaError(call: KubeCall, status: number, text: string, secret: boolean): KubeError {
  const found = [...text.matchAll(/(?:^|\s)(\.[\w.[\]="/-]+): ([^\n]+)/g)];
  const causes = found.map(([, field, message]) => ({ reason: 'SchemaMismatch', field, message: secret ? undefined : message }));
  const message = secret ? 'a field does not fit the schema' : text.slice(0, maxText);
  return new KubeError(call, message, { status, reason: 'SchemaMismatch', details: { causes } });
}

/** The error of a request without an answer. */
export function errorOfNetwork(call: KubeCall, error: unknown): KubeError {
  const code = codeOf(error);
  const message = redact(error instanceof Error ? [error.message, ...messagesBelow(error)].filter(Boolean).join(': ') : String(error)).slice(0, maxText);
  return new KubeError(call, message === '' ? 'no answer' : message, { status: 0, reason: code ?? 'NetworkError', cause: error });
}

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** True if the request cannot have reached the server, so that even a create may be sent again. */
export const wasNeverSent = (error: KubeError): boolean => error.status === 0 && (neverSent.has(error.reason) || isTlsReason(error.reason));

/** True for a certificate that is not trusted, expired or of another host: nothing that a retry mends. */
export const isTlsReason = (reason: string): boolean => /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|^EPROTO$/.test(reason);

interface StatusBody {
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: {
    readonly name?: unknown;
    readonly kind?: unknown;
    readonly retryAfterSeconds?: unknown;
    readonly causes?: readonly Record<string, unknown>[];
  };
}

function statusOf(text: string): StatusBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status') return body as StatusBody;
  } catch {
    // Not JSON: a proxy's page.
  }
  return undefined;
}

function waitOf(header: string | undefined, seconds: unknown): number | undefined {
  const asked = header !== undefined && /^\d+$/.test(header.trim()) ? Number(header) : seconds;
  return typeof asked === 'number' && Number.isFinite(asked) && asked > 0 ? asked * 1000 : undefined;
}

function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = (at as { cause?: unknown }).cause) {
    const { code, errors } = at as { code?: unknown; errors?: unknown };
    if (typeof code === 'string' && code !== '') return code;
    if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  }
  return undefined;
}

function messagesBelow(error: Error): string[] {
  const found: string[] = [];
  for (let at: unknown = error.cause; at instanceof Error; at = at.cause) found.push(at.message);
  return found;
}

const redact = (text: string): string => text.replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 ***');

const textOr = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
