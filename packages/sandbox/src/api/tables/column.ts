import type { Wire } from '../json.js';
import type { KubeObject } from '../objects.js';
import { formatSelector } from '../selectors.js';
import { since } from './age.js';

/** One column of a table, and how its cells are made. */
export interface Column {
  readonly name: string;
  readonly type: 'boolean' | 'date' | 'integer' | 'number' | 'string';
  readonly format?: string;
  /** 0: shown always; 1: with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubeObject, now: Date) => Wire;
}

type Cell = Column['cell'];

/** A column that is shown always. */
export const text = (name: string, cell: Cell): Column => ({ name, type: 'string', priority: 0, cell });
export const count = (name: string, cell: Cell): Column => ({ name, type: 'integer', priority: 0, cell });
/** A column of `-o wide`. */
export const wide = (name: string, cell: Cell): Column => ({ name, type: 'string', priority: 1, cell });

export const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', priority: 0, cell: ({ metadata }) => metadata.name };
export const ageColumn: Column = text('Age', ({ metadata }, now) => since(metadata.creationTimestamp, now));
export const createdAtColumn: Column = { name: 'Created At', type: 'date', priority: 0, cell: ({ metadata }) => metadata.creationTimestamp };

/** What is not there. */
export const none = '<none>';

/** `a=b,c=d`, or `<none>`. */
export const labelsText = (labels: Record<string, string> | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',') || none;

export const selectorText = (selector: Wire): string => formatSelector(selector) || none;

const containersOf = (template: Wire): Wire[] => template?.spec?.containers ?? [];

/** The wide columns of everything with a pod template. */
export const containerColumns: readonly Column[] = [
  wide('Containers', ({ spec }) =>
    containersOf(spec.template)
      .map(({ name }) => name)
      .join(','),
  ),
  wide('Images', ({ spec }) =>
    containersOf(spec.template)
      .map(({ image }) => image)
      .join(','),
  ),
];
export const selectorColumn: Column = wide('Selector', ({ spec }) => selectorText(spec.selector));
