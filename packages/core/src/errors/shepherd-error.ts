import type { ErrorCode, ErrorFacts, ErrorInfo, InfoOf, Issue } from './error-facts.js';

const brand = Symbol.for('shepherd.error');
const pages = 'https://github.com/shepherd-sdk/shepherd/blob/main/docs/reference/errors';

/** `facts`: what went wrong, as data. `remedy`: what the reader does next. `retryable`: the same call may work later. */
export interface ErrorDetails<C extends ErrorCode> {
  readonly facts: ErrorFacts[C];
  readonly remedy: string;
  /** @default false */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** Every rejection of this SDK. `is` goes by brand, so that it works across two copies of core in one tree. */
export class ShepherdError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ShepherdError';
  readonly code: C;
  readonly facts: ErrorFacts[C];
  readonly remedy: string;
  readonly retryable: boolean;

  constructor(code: C, message: string, { facts, remedy, retryable = false, cause }: ErrorDetails<C>) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
    this.remedy = remedy;
    this.retryable = retryable;
    Object.defineProperty(this, brand, { value: true });
  }

  static is<K extends ErrorCode = ErrorCode>(error: unknown, code?: K): error is ShepherdError<K> {
    return typeof error === 'object' && error !== null && brand in error && (code === undefined || (error as { code?: unknown }).code === code);
  }

  toJSON(): InfoOf<C> {
    const { code, message, remedy, retryable, facts } = this;
    return { code, message, remedy, docs: `${pages}/${code}.md`, retryable, facts };
  }
}

/** Any thrown value as data. What is not ours becomes ERR_UNEXPECTED. */
export function errorInfo(error: unknown): ErrorInfo {
  if (ShepherdError.is(error)) return error.toJSON() as ErrorInfo;
  const reason = error instanceof Error ? error.message : String(error);
  return new ShepherdError('ERR_UNEXPECTED', reason, {
    facts: { reason },
    remedy: 'this is a defect of Shepherd or of an extension: report it with the output of --json',
    cause: error,
  }).toJSON() as ErrorInfo;
}

/** The error of bad input, with every issue named. */
export function invalidOptions(issues: readonly Issue[], remedy = 'correct the fields named'): ShepherdError<'ERR_INVALID_OPTIONS'> {
  const message = issues.map(({ path, at, got, expected }) => `${path}: got ${got}, expected ${expected}${at === undefined ? '' : ` (${at})`}`).join('; ');
  return new ShepherdError('ERR_INVALID_OPTIONS', message, { facts: { issues }, remedy });
}
