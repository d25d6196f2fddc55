import { type ChangeNote, cleanText, type WriteContext } from '@shepherd/core';

/** What `kubectl rollout history` shows of a revision, one line of a table. */
export const changeCauseAnnotation = 'kubernetes.io/change-cause';
const longest = 250;

/** An image without its registry, a digest by its beginning. */
const short = (image: string): string => (image.split('/').at(-1) ?? image).replace(/@sha(\d+):([0-9a-f]{12})[0-9a-f]*$/, '@sha$1:$2');
const versionOf = (revision: ChangeNote['from']): string => (revision === undefined ? 'nothing' : revision.images.map(short).join(',') || revision.hash);

/** Who released what by which rollout, and why; at most 250 characters, the reason cut first. Pure. */
export function changeCause({ rolloutId, note }: Pick<WriteContext, 'rolloutId' | 'note'>, otherwise: string): string {
  if (note === undefined) return cleanText(otherwise, longest);
  const { strategy, from, to, by, reason } = note;
  const head = `shepherd ${strategy} ${versionOf(from)} → ${versionOf(to)} by ${by.name} rollout=${rolloutId}`;
  return cleanText(`${head}${reason === undefined ? '' : ` ${reason}`}`.replaceAll(/\s+/g, ' '), longest);
}
