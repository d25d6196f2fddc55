import type { Counts } from '@shepherd/core';
import type { Asked } from '@shepherd/core/testing';

type Value = number | string;
type Labels = Readonly<Record<string, string>>;

/** A series of an instant vector as Prometheus writes it, marked as the part of our query that it answers. */
export const row = (part: string, labels: Labels, value: Value, at = 0): unknown => ({ metric: { ...labels, shepherd: part }, value: [at, String(value)] });

export const vector = (result: readonly unknown[], more: object = {}): object => ({ status: 'success', data: { resultType: 'vector', result }, ...more });

/** The one pod that a query names. */
export const podIn = (query: string): string => /pod=~"((?:[^"\\]|\\.)*)"/.exec(query)?.[1] ?? '';

export const queryOf = ({ body }: Pick<Asked, 'body'>): { readonly query: string; readonly time: number } => {
  const form = new URLSearchParams(body);
  return { query: form.get('query') ?? '', time: Number(form.get('time')) };
};

export const targetOf = (pod: string): Labels => ({ job: 'pods', instance: `${pod}:8080`, pod });

/** What Prometheus answers when one pod has counted so much, by the http vocabulary; latency as classic buckets. */
export function rowsOf(pod: string, time: number, { requests, errors, slow }: Counts): readonly unknown[] {
  const target = targetOf(pod);
  return [
    row('requests', { ...target, code: '200' }, requests - errors),
    ...(errors === 0 ? [] : [row('requests', { ...target, code: '503' }, errors)]),
    row('buckets', { ...target, le: '0.5' }, requests - (slow[0] ?? 0)),
    row('buckets', { ...target, le: '+Inf' }, requests),
    row('sampled', target, time - 2),
    row('samples', target, 20),
    row('started', target, time - 3_600),
  ];
}

/** For the conformance cases. */
export const answerCounts = (asked: Asked, counts: Counts | 'no-data'): unknown => {
  const { query, time } = queryOf(asked);
  return vector(counts === 'no-data' ? [] : rowsOf(podIn(query), time, counts));
};
