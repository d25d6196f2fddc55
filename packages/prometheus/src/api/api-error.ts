/** Why there is no answer. */
export type ApiFailure =
  | 'network'
  | 'tls'
  | 'timeout'
  | 'unauthorised'
  | 'not-found'
  | 'redirect'
  | 'not-prometheus'
  | 'refused-query'
  | 'overloaded'
  | 'too-large';

const again: readonly ApiFailure[] = ['network', 'overloaded'];

/** What else is known of a failure. `status` @default 0. `afterMs`: no sooner than that may it be asked again. `asked`: whether a request was sent, @default true. */
interface Circumstances {
  readonly status?: number | undefined;
  readonly afterMs?: number | undefined;
  readonly asked?: boolean | undefined;
}

/** A request to Prometheus that gave no data. No secret is in its message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  readonly status: number;
  readonly afterMs: number;
  readonly #asked: boolean;

  constructor(
    readonly failure: ApiFailure,
    message: string,
    { status = 0, afterMs = 0, asked = true }: Circumstances = {},
  ) {
    super(message);
    this.status = status;
    this.afterMs = afterMs;
    this.#asked = asked;
  }

  /** The same request may fare better in a moment. */
  get retryable(): boolean {
    return this.#asked && again.includes(this.failure);
  }
}

/** The server cannot read what was asked: an older one, of names with dots. */
export const isRefused = (error: unknown): boolean => error instanceof ApiError && error.failure === 'refused-query';

/** What a person does about it. */
export function fixOf({ failure, message }: ApiError): string {
  switch (failure) {
    case 'network':
      return 'check host, port and network path of url';
    case 'tls':
      return 'name the certificate authority in tls.ca, or correct the host name';
    case 'timeout':
      return 'check whether Prometheus is overloaded, or raise timeout';
    case 'unauthorised':
      return 'set auth, or the header that the gateway asks for, or renew the token';
    case 'not-found':
      return 'set url to the base path: /prometheus for Mimir, /select/0/prometheus for VictoriaMetrics; without /api/v1';
    case 'redirect':
      return message.replace(/^.* to /, 'set url to ');
    case 'not-prometheus':
      return 'set url to a Prometheus API, past login pages and user interfaces';
    case 'refused-query':
      return 'correct the query, or name the vocabulary';
    case 'overloaded':
      return 'look at the load of Prometheus; polls go on by themselves';
    case 'too-large':
      return 'aggregate by (job, instance, pod)';
  }
}
