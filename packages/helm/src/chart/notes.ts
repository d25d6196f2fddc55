import type { ChartRelease } from '../options.js';
import { chartName, type HelmRevision, isPending } from '../revisions/history.js';
import { changesOf, unseenConfig } from './changes.js';
import type { ChartObject } from './objects.js';
import type { Rendered } from './render.js';

interface Noted {
  readonly name: string;
  readonly last: HelmRevision | undefined;
  readonly rendered: Rendered;
  readonly before: readonly ChartObject[];
  readonly values: NonNullable<ChartRelease['values']>;
  readonly podsChange: boolean;
}

/** What a person should know before: what changes, and what no rollback undoes. */
export function notesOf({ name, last, rendered, before, values, podsChange }: Noted): readonly string[] {
  const { chart, version, objects, hooks, hasCrds } = rendered;
  const from = last === undefined ? 'installs' : `upgrades ${chartName(last.chart)} revision ${last.revision} of`;
  const files = values.filter((each) => typeof each === 'string');
  return [
    `helm ${from} release ${name} with ${chart}-${version}${files.length === 0 ? '' : ` and the values of ${files.join(', ')}`}`,
    ...changesOf(before, objects),
    ...unseenConfig(before, objects, podsChange).map((object) => `${object} changes, but no pod is replaced for it: pods go on with what they have read`),
    ...hooks.map((hook) => `hook ${hook} runs; what it does is not undone by a rollback`),
    ...(hasCrds ? ['the chart has CRDs, which helm neither upgrades nor rolls back'] : []),
    ...(last !== undefined && isPending(last) ? [`revision ${last.revision} is ${last.status}: it is taken up if nobody can be at work on it any more`] : []),
  ];
}
