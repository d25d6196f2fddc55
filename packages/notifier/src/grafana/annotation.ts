import type { Notice } from '@shepherd/core';
import { cut } from '../text/fit.js';
import { titleOf } from '../text/title.js';

/** What Grafana is told: `start` makes the annotation, `end` makes it a region and says how it went. */
export interface Annotation {
  readonly moment: 'start' | 'end';
  readonly body: { readonly time?: number; readonly timeEnd?: number; readonly tags: readonly string[]; readonly text: string };
}

const longest = { tag: 100, text: 2_000 } as const;
const outcomes: Readonly<Record<string, string>> = {
  'deploy.succeeded': 'succeeded',
  'deploy.failed': 'failed-untouched',
  'deploy.blocked': 'failed-untouched',
  'deploy.aborted': 'rolled-back',
  'deploy.superseded': 'superseded',
  'rollback.succeeded': 'rolled-back',
  'rollback.failed': 'rollback-failed',
};

/** Text in an annotation is HTML to a dashboard. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The annotation of a notice; undefined for what is neither the begin nor the end of a rollout. Pure. */
export function annotationOf(notice: Notice): Annotation | undefined {
  const { type, strategy, at } = notice;
  const starts = type === 'deploy.started' || (type === 'rollback.started' && strategy === 'rollback');
  const outcome = strategy === 'rollback' && type === 'rollback.succeeded' ? 'succeeded' : outcomes[type];
  if (!starts && outcome === undefined) return undefined;
  const ms = Date.parse(at);
  return {
    moment: starts ? 'start' : 'end',
    body: {
      ...(starts ? { time: ms } : { timeEnd: ms }),
      tags: tagsOf(notice, outcome),
      text: cut(escape([titleOf(notice), notice.text].filter(Boolean).join('\n')), longest.text),
    },
  };
}

function tagsOf({ app, metadata, strategy, to }: Notice, outcome: string | undefined): readonly string[] {
  const tags = [
    `app:${app.name}`,
    `env:${metadata['environment'] ?? app.namespace}`,
    ...(to === undefined ? [] : [`version:${versionOf(to.images[0]) ?? to.hash}`]),
    ...(strategy === undefined ? [] : [`strategy:${strategy}`]),
    ...(outcome === undefined ? [] : [`outcome:${outcome}`]),
  ];
  return tags.map((tag) => cut(tag, longest.tag));
}

/** The tag of an image, else the beginning of its digest. */
function versionOf(image: string | undefined): string | undefined {
  const [, tag, digest] = /^[^@]*?(?::([\w.-]+))?(?:@sha\d+:([0-9a-f]{12})[0-9a-f]*)?$/.exec(image?.split('/').at(-1) ?? '') ?? [];
  return tag ?? digest;
}
