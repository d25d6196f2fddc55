import type { Row } from '../api/answer.js';
import { partLabel } from '../promql/expression.js';
import type { Labels, PartName, Vocabulary } from '../vocabularies/vocabulary.js';
import { Unreadable } from './unreadable.js';

/** The labels that name a target, and their values. */
export type Target = readonly (readonly [label: string, value: string])[];

export interface PartRow extends Row {
  readonly target: Target;
}

/** The rows of an answer by what they are and by target. */
export type Parts = Readonly<Record<PartName, ReadonlyMap<string, readonly PartRow[]>>>;

const partNames = ['requests', 'errors', 'buckets', 'native', 'sampled', 'samples', 'started', 'created'] as const satisfies readonly PartName[];

/** `job/instance/pod`, so that no value can look like two. */
export const nameOf = (target: Target): string => target.map(([, value]) => encodeURIComponent(value).replaceAll('%3A', ':')).join('/');

/** @throws Unreadable for values that no counter has, and for several series where one is asked for */
export function partsOf(rows: readonly Row[], vocabulary: Vocabulary): Parts {
  const parts = Object.fromEntries(partNames.map((name) => [name, new Map<string, PartRow[]>()])) as Record<PartName, Map<string, PartRow[]>>;
  for (const row of rows) {
    const { [partLabel]: marked = 'native' } = row.labels;
    const name = partNames.find((each) => each === marked);
    if (name === undefined) throw new Unreadable('unreachable', 'the answer is to another question');
    const target = vocabulary.target.map((label) => [label, row.labels[label] ?? ''] as const);
    checkValue(name, row, target);
    if (vocabulary.single && !target.some(([label, value]) => label !== 'job' && value !== ''))
      throw new Unreadable('invalid', `${name} has neither instance nor pod: group by (job, instance, pod), because a sum over pods hides their restarts`);
    const id = nameOf(target);
    const list = parts[name].get(id) ?? [];
    if (list.length === 0) parts[name].set(id, list);
    list.push({ ...row, target });
  }
  for (const rowsOf of parts.started.values()) refuseTwo(rowsOf, 'process_start_time_seconds', oneReplica);
  if (vocabulary.single)
    for (const name of ['requests', 'errors'] as const)
      for (const rowsOf of parts[name].values()) refuseTwo(rowsOf, name, 'add up in the query: sum by (job, instance, pod)');
  return parts;
}

function checkValue(part: PartName, { value, histogram }: Row, target: Target): void {
  if (histogram !== undefined && part === 'native') return;
  // A summary has the name of a native histogram, and quantiles that are no counts.
  if (part === 'native') return;
  if (!Number.isFinite(value) || value < 0 || histogram !== undefined)
    throw new Unreadable('invalid', `${nameOf(target)}: ${part} is ${histogram === undefined ? String(value) : 'a histogram'}, which no counter is`);
}

/** What to do about replicas of one source. */
export const oneReplica = 'ask a query layer that removes duplicates (Thanos, the HA tracker of Mimir), or choose one by where';

/** @throws Unreadable with the labels that differ: an HA pair without de-duplication, or a query that groups too little */
function refuseTwo(rows: readonly PartRow[], what: string, fix: string): void {
  const [first, second] = rows;
  if (first === undefined || second === undefined) return;
  const differing = differences(first.labels, second.labels).join(', ') || 'nothing';
  throw new Unreadable('invalid', `${nameOf(first.target)}: two series of ${what} where one is asked for; they differ in ${differing}`, fix);
}

export const differences = (one: Labels, other: Labels): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((label) => one[label] !== other[label]).toSorted();
