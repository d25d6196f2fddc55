import type { Suspicion } from './suspicion.js';

/** One sentence that a person can check by hand, and the numbers behind it. */
export interface Evidence {
  readonly summary: string;
  /** What a person should know beside it and nothing was decided by: how latencies lie, traffic that does not go where it was sent. */
  readonly notes?: readonly string[] | undefined;
  readonly data?: unknown;
}

/**
 * The answer of each check, custom step and judge. Only `pass` lets a rollout go on; `inconclusive` and `error` follow the step's policy, and never promote
 * by themselves (AN 1.2).
 */
export type Verdict =
  | { readonly kind: 'pass'; readonly evidence?: Evidence | undefined }
  | {
      readonly kind: 'fail' | 'inconclusive' | 'error';
      readonly reason: string;
      /** Name of the check whose verdict it is, where several were asked. */
      readonly check?: string | undefined;
      /** What that check was tagged with: this failure opens an incident, and a person decides. */
      readonly incident?: Suspicion | undefined;
      readonly evidence?: Evidence | undefined;
    };

const evidenceOf = (summary: string | undefined, data: unknown): { evidence?: Evidence } =>
  summary === undefined ? {} : { evidence: data === undefined ? { summary } : { summary, data } };

/** It is as it should be: a rollout may go on. */
export const pass = (summary?: string, data?: unknown): Verdict => ({ kind: 'pass', ...evidenceOf(summary, data) });
/** It is not as it should be: the rollout turns back, or pauses where the request says so. */
export const fail = (reason: string, data?: unknown): Verdict => ({ kind: 'fail', reason, ...evidenceOf(reason, data) });
/** Neither: the rollout waits for a person (RR V2). */
export const inconclusive = (reason: string, data?: unknown): Verdict => ({ kind: 'inconclusive', reason, ...evidenceOf(reason, data) });
export const verdictError = (reason: string, data?: unknown): Verdict => ({ kind: 'error', reason, ...evidenceOf(reason, data) });

/** Code of one's own may answer anything. */
export const isVerdict = (value: unknown): value is Verdict => {
  const { kind, reason } = (value ?? {}) as { readonly kind?: unknown; readonly reason?: unknown };
  return kind === 'pass' || ((kind === 'fail' || kind === 'inconclusive' || kind === 'error') && typeof reason === 'string');
};

const badness: Readonly<Record<Verdict['kind'], number>> = { pass: 0, inconclusive: 1, error: 2, fail: 3 };

/** The worst of several, whatever their order (RR SM-13); none at all is a pass. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((a, b) => (badness[b.kind] > badness[a.kind] ? b : a), pass());
}
