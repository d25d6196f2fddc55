import type { Labels, Sample, Series, SeriesStore } from '../series-store.js';
import { increaseOf } from './increase.js';
import { matches } from './parse.js';
import { type AggregateOp, type Expression, type LabelMatcher, type Matching, UnsupportedError } from './syntax.js';

/** One series of an instant vector. `sampledMs`: of its sample, where the vector is a plain selector. */
export interface Element {
  readonly labels: Labels;
  readonly value: number;
  readonly sampledMs?: number | undefined;
}

export interface RangeElement {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

/** Selectors take a sample that is at most this old. */
const lookbackMs = 5 * 60_000;

/** The value of a query at a time. @throws UnsupportedError */
export function evaluate(expression: Expression, store: SeriesStore, atMs: number): readonly Element[] {
  const inner = (of: Expression): readonly Element[] => evaluate(of, store, atMs);
  switch (expression.kind) {
    case 'string':
      throw new UnsupportedError('a string as an expression');
    case 'selector':
      if (expression.rangeMs !== undefined) throw new UnsupportedError('a range where an instant vector is needed');
      return instant(expression, store, atMs);
    case 'aggregate':
      return aggregate(expression.op, expression, inner(expression.of));
    case 'set':
      return combine(expression.op, expression.matching, inner(expression.left), inner(expression.right));
    case 'call':
      return call(expression, store, atMs);
  }
}

type Selector = Extract<Expression, { kind: 'selector' }>;

/** Series that a selector names, whether they have samples or not. */
export function select(store: SeriesStore, matchers: readonly LabelMatcher[]): readonly Series[] {
  const metric = matchers.find(({ label, op }) => label === '__name__' && op === '=')?.value;
  return [...store.of(metric)].filter(({ labels }) => matchers.every((matcher) => matches(matcher, labels[matcher.label] ?? '')));
}

const instant = ({ matchers, offsetMs }: Selector, store: SeriesStore, atMs: number): readonly Element[] =>
  select(store, matchers).flatMap((series) => {
    const sample = series.newest(atMs - offsetMs - lookbackMs, atMs - offsetMs);
    return sample === undefined ? [] : [{ labels: series.labels, value: sample.value, sampledMs: sample.atMs }];
  });

/** The samples of a range selector. */
export const range = ({ matchers, offsetMs, rangeMs = 0 }: Selector, store: SeriesStore, atMs: number): readonly RangeElement[] =>
  select(store, matchers).flatMap((series) => {
    const samples = series.between(atMs - offsetMs - rangeMs, atMs - offsetMs);
    return samples.length === 0 ? [] : [{ labels: series.labels, samples }];
  });

const ids = new WeakMap<Labels, string>();

/** A name for a label set, but for its metric. Sets of stored series are asked about again and again. */
function idOf(labels: Labels): string {
  const known = ids.get(labels);
  if (known !== undefined) return known;
  let id = '';
  for (const name of Object.keys(labels).sort()) if (name !== '__name__') id += `${name}=${lengthed(labels[name])}`;
  ids.set(labels, id);
  return id;
}

function without(labels: Labels, names: readonly string[]): Labels {
  const rest: Record<string, string> = {};
  for (const name in labels) if (!names.includes(name)) rest[name] = labels[name] as string;
  return rest;
}

function only(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const name of names) if (labels[name] !== undefined) kept[name] = labels[name];
  return kept;
}

/** A name for the values of these labels alone. */
function valuesOf(labels: Labels, names: readonly string[]): string {
  let id = '';
  for (const name of names) id += lengthed(labels[name]);
  return id;
}

/** Text that cannot run into the next. */
const lengthed = (value = ''): string => `${value.length}:${value}`;

const noName: readonly string[] = ['__name__'];
const nameless = (labels: Labels): Labels => without(labels, noName);

const operations: Readonly<Record<AggregateOp, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  count: (values) => values.length,
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
};

function aggregate(
  op: AggregateOp,
  { grouping, labels: names }: { readonly grouping: 'by' | 'without'; readonly labels: readonly string[] },
  vector: readonly Element[],
): readonly Element[] {
  const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
  const dropped = [...names, ...noName];
  for (const { labels, value } of vector) {
    const rest = grouping === 'by' ? undefined : without(labels, dropped);
    const key = rest === undefined ? valuesOf(labels, names) : idOf(rest);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: rest ?? only(labels, names), values: [value] });
    else group.values.push(value);
  }
  return [...groups.values()].map((group) => ({ labels: group.labels, value: operations[op](group.values) }));
}

function combine(op: 'or' | 'and' | 'unless', { kind, labels: names }: Matching, left: readonly Element[], right: readonly Element[]): readonly Element[] {
  const key = ({ labels }: Element): string => (kind === 'on' ? valuesOf(labels, names) : names.length === 0 ? idOf(labels) : idOf(without(labels, names)));
  if (op === 'or') {
    const known = new Set(left.map(key));
    return [...left, ...right.filter((element) => !known.has(key(element)))];
  }
  const known = new Set(right.map(key));
  return left.filter((element) => known.has(key(element)) === (op === 'and'));
}

function call({ name, args }: Extract<Expression, { kind: 'call' }>, store: SeriesStore, atMs: number): readonly Element[] {
  const [of] = args;
  if (of === undefined) throw new UnsupportedError(`${name}() without arguments`);
  const overTime = (value: (samples: readonly Sample[], rangeMs: number, endMs: number) => number | undefined): readonly Element[] => {
    if (of.kind !== 'selector' || of.rangeMs === undefined) throw new UnsupportedError(`${name}() of something else than a range selector`);
    const { rangeMs, offsetMs } = of;
    return range(of, store, atMs).flatMap(({ labels, samples }) => {
      const number = value(samples, rangeMs, atMs - offsetMs);
      return number === undefined ? [] : [{ labels: nameless(labels), value: number }];
    });
  };
  switch (name) {
    case 'timestamp':
      return evaluate(of, store, atMs).map(({ labels, sampledMs = atMs }) => ({ labels: nameless(labels), value: sampledMs / 1_000 }));
    case 'count_over_time':
      return overTime((samples) => samples.length);
    case 'increase':
      return overTime(increaseOf);
    case 'rate':
      return overTime((samples, rangeMs, endMs) => {
        const increase = increaseOf(samples, rangeMs, endMs);
        return increase === undefined ? undefined : increase / (rangeMs / 1_000);
      });
    case 'label_replace':
      return labelReplace(evaluate(of, store, atMs), args.slice(1));
    default:
      throw new UnsupportedError(`${name}()`);
  }
}

function labelReplace(vector: readonly Element[], args: readonly Expression[]): readonly Element[] {
  const [to, replacement, from, pattern] = args.map((arg) => (arg.kind === 'string' ? arg.value : undefined));
  if (to === undefined || replacement === undefined || from === undefined || pattern === undefined)
    throw new UnsupportedError('label_replace() without its four strings');
  const regexp = new RegExp(`^(?:${pattern})$`, 'su');
  return vector.map((element) => {
    const found = regexp.exec(element.labels[from] ?? '');
    if (found === null) return element;
    const value = replacement.replaceAll(/\$(\d+|\{\d+\})/g, (_, group: string) => found[Number(group.replaceAll(/[{}]/g, ''))] ?? '');
    const labels = value === '' ? without(element.labels, [to]) : { ...element.labels, [to]: value };
    return { labels, value: element.value };
  });
}
