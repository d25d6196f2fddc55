export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface LabelMatcher {
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
}

export interface Matching {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
}

/** As much of PromQL as is understood here. */
export type Expression =
  | { readonly kind: 'selector'; readonly matchers: readonly LabelMatcher[]; readonly rangeMs: number | undefined; readonly offsetMs: number }
  | { readonly kind: 'aggregate'; readonly op: AggregateOp; readonly grouping: 'by' | 'without'; readonly labels: readonly string[]; readonly of: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'set'; readonly op: SetOp; readonly matching: Matching; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'string'; readonly value: string };

export const aggregateOps = ['sum', 'max', 'min', 'count', 'avg'] as const;
export type AggregateOp = (typeof aggregateOps)[number];
export const setOps = ['or', 'and', 'unless'] as const;
export type SetOp = (typeof setOps)[number];

/** The query is no PromQL. `at`: of the first character that cannot be. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
}

/** PromQL, but more than is understood here. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
