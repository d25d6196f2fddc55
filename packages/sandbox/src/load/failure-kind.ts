import type { FailureKind } from './load-options.js';

const byCode: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

/** `answering`: headers had come, so the answer was cut off. */
export function failureKind(error: unknown, answering: boolean): FailureKind {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  const kind = byCode[String(code)] ?? (`error-${typeof code === 'string' ? code : 'unknown'}` as const);
  return answering && kind === 'reset' ? 'cut' : kind;
}
