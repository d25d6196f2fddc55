import type { Labels } from './vocabulary.js';

/** Whether a status says that the server failed: 5xx. Undefined for what is no HTTP status. */
export function judgeStatus(status: string | undefined): 'good' | 'bad' | undefined {
  if (status === undefined || !/^(?:\d{1,3}|[1-5]xx)$/i.test(status)) return undefined;
  return /^5(?:\d\d|xx)$/i.test(status) ? 'bad' : 'good';
}

/** The first of these labels that holds a status. */
export const judgeFirst =
  (...names: readonly string[]) =>
  (labels: Labels): 'good' | 'bad' | undefined => {
    for (const name of names) {
      const judged = judgeStatus(labels[name]);
      if (judged !== undefined) return judged;
    }
    return undefined;
  };

/** Unknown, DeadlineExceeded, ResourceExhausted, Internal, Unavailable, DataLoss. */
const grpcFailures: readonly string[] = ['2', '4', '8', '13', '14', '15'];
export const isGrpcFailure = (code: string | undefined): boolean => code !== undefined && grpcFailures.includes(code);
