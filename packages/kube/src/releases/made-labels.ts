import type { WriteContext } from '@shepherd/core';
import { names } from '../names.js';
import type { Labels, PodTemplate } from '../objects.js';

/** As a label's value: at most 63 characters, a letter or digit at both ends. */
const valueOf = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');

/** The recommended labels of what a rollout makes beside the app; a digest is no label, so a version is there by tag alone. Pure. */
export function madeLabels(app: string, component: 'candidate' | 'preview', template?: PodTemplate): Labels {
  const [, tag = ''] = /:([\w][\w.-]*)(?:@|$)/.exec(template?.spec.containers[0]?.image?.split('/').at(-1) ?? '') ?? [];
  return {
    'app.kubernetes.io/name': valueOf(app),
    'app.kubernetes.io/instance': valueOf(app),
    ...(valueOf(tag) === '' ? {} : { 'app.kubernetes.io/version': valueOf(tag) }),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': valueOf(app),
    'app.kubernetes.io/managed-by': 'shepherd',
  };
}

/** Which rollout it is for, where one says so. Pure. */
export const madeAnnotations = ({ rolloutId, fence, note }: Pick<WriteContext, 'rolloutId' | 'fence' | 'note'>, role: string): Labels => ({
  [names.rolloutId]: rolloutId,
  [names.fence]: String(fence),
  [names.role]: role,
  ...(note === undefined ? {} : { [names.strategy]: note.strategy }),
  ...(note?.by.url === undefined ? {} : { [names.runUrl]: note.by.url.slice(0, 500) }),
});
