import type { Revision } from '@shepherd/core';
import { table } from './table.js';

/** One line of a table, whatever a person wrote. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const state = ({ hash, verified, bad }: Revision, serving: string | undefined): string =>
  [hash === serving ? 'serving' : '', bad === undefined ? '' : `bad: ${oneLine(bad)}`, verified ? 'verified' : ''].filter((part) => part !== '').join(', ') ||
  'not verified';

const columns: readonly { readonly head: string; readonly always?: boolean; readonly of: (revision: Revision, serving: string | undefined) => string }[] = [
  { head: 'REVISION', always: true, of: ({ hash }) => hash },
  { head: 'NUMBER', of: ({ number }) => String(number ?? '') },
  { head: 'MADE', always: true, of: ({ at }) => at.replace(/\.\d+/, '').replace('T', ' ') },
  { head: 'STATUS', always: true, of: state },
  { head: 'IMAGE', always: true, of: ({ images }) => images.join(', ') },
  { head: 'CHART', of: ({ chart }) => chart ?? '' },
  { head: 'CONFIG', of: ({ config = [] }) => config.map(({ object, hash }) => `${object.replace(/^\w+ /, '')}@${hash}`).join(', ') },
  { head: 'BY', of: ({ by }) => oneLine(by ?? '') },
  { head: 'REASON', of: ({ reason }) => oneLine(reason ?? '') },
];

/** The revisions of an app as a table, newest first as they come; without columns that nothing is known for. */
export function revisionLines(revisions: readonly Revision[], serving: string | undefined): readonly string[] {
  if (revisions.length === 0) return ['no revision is known'];
  const shown = columns.filter(({ always, of }) => always === true || revisions.some((revision) => of(revision, serving) !== ''));
  return table([shown.map(({ head }) => head), ...revisions.map((revision) => shown.map(({ of }) => of(revision, serving)))]);
}
