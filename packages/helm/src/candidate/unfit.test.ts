import { expect, test } from 'vitest';
import type { ChartObject } from '../chart/objects.js';
import { type UnfitInput, unfitFor } from './unfit.js';

const web = (pods: object = {}, app = 'web'): ChartObject => ({
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app } }, template: { metadata: { labels: { app, tier: 'front' } }, spec: pods } },
});
const service = (selector: object | undefined, name = 'web'): ChartObject => ({ kind: 'Service', metadata: { name }, spec: { selector } });
const named = (kind: string, name: string, spec: object = {}): ChartObject => ({ kind, metadata: { name }, spec });
const reading = { containers: [{ name: 'web', envFrom: [{ configMapRef: { name: 'settings' } }] }] };
const settings = (word: string): ChartObject => ({ kind: 'ConfigMap', metadata: { name: 'settings' }, data: { word } });

const input = (more: Partial<UnfitInput> = {}): UnfitInput => {
  const deployment = more.deployment ?? web();
  const base = {
    before: [web(), service({ app: 'web' })],
    after: [deployment, service({ app: 'web' })],
    deployment,
    namespace: 'shop',
    hooks: [],
    podsChange: true,
  };
  return { ...base, ...more };
};

test.each<[string, Partial<UnfitInput>]>([
  ['nothing but pods', {}],
  [
    'hooks that run after the upgrade, or at other times',
    { hooks: ['Job tell (post-upgrade)', 'Job undo (pre-rollback)', 'Job first (pre-install)', 'Pod probe (test)'] },
  ],
  ['a Service of other pods that changes or goes', { before: [web(), service({ app: 'db' }, 'db')] }],
  ['a Service without a selector', { before: [web(), service(undefined)], after: [web()] }],
  [
    'a ServiceAccount that was there',
    { before: [web(), named('ServiceAccount', 'sa')], after: [web(), named('ServiceAccount', 'sa')], deployment: web({ serviceAccountName: 'sa' }) },
  ],
  ['a ServiceAccount that no chart makes', { deployment: web({ serviceAccountName: 'sa' }) }],
  [
    'an autoscaler of another app',
    { after: [web(), service({ app: 'web' }), named('HorizontalPodAutoscaler', 'db', { scaleTargetRef: { kind: 'Deployment', name: 'db' } })] },
  ],
  ['settings that change with the pods', { before: [web(reading), settings('old')], after: [web(reading), settings('new')], deployment: web(reading) }],
])('fit: %s', (_, more) => {
  expect(unfitFor(input(more))).toEqual([]);
});

test.each<[string, Partial<UnfitInput>, string]>([
  [
    'a hook before the upgrade',
    { hooks: ['Job migrate (pre-install, pre-upgrade)'] },
    'its hook Job migrate (pre-install, pre-upgrade) runs with helm upgrade',
  ],
  [
    'another selector of the Deployment',
    { deployment: web({}, 'shop'), after: [web({}, 'shop'), service({ app: 'web' })] },
    'it changes the selector of Deployment web from {"app":"web"} to {"app":"shop"}',
  ],
  ['another selector of the Service', { after: [web(), service({ app: 'web', tier: 'front' })] }, 'it changes the selector of Service web'],
  ['a Service that goes', { after: [web()] }, 'it deletes Service web'],
  [
    'a new ServiceAccount',
    { deployment: web({ serviceAccountName: 'sa' }), after: [web(), service({ app: 'web' }), named('ServiceAccount', 'sa')] },
    'its pods need ServiceAccount sa',
  ],
  [
    'a new claim',
    {
      deployment: web({ volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'disk' } }] }),
      after: [web(), service({ app: 'web' }), named('PersistentVolumeClaim', 'disk')],
    },
    'its pods need PersistentVolumeClaim disk',
  ],
  [
    'an autoscaler of its own',
    { after: [web(), service({ app: 'web' }), named('HorizontalPodAutoscaler', 'web', { scaleTargetRef: { kind: 'Deployment', name: 'web' } })] },
    'HorizontalPodAutoscaler web is its own',
  ],
  [
    'settings alone',
    { podsChange: false, before: [web(reading), settings('old')], after: [web(reading), settings('new')], deployment: web(reading) },
    'ConfigMap settings changes and the pods do not',
  ],
])('unfit: %s', (_, more, reason) => {
  expect(unfitFor(input(more))).toEqual([expect.stringContaining(reason)]);
});
