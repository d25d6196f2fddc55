import { systemClock } from '@shepherd/core';
import { expect, test } from 'vitest';
import { container, deployment, service, workload, writeContext } from '../__fixtures__/make.js';
import type { Deployment, Service } from '../objects.js';
import type { Workload } from '../workload.js';
import { candidateManifest, isolatingKeys, otherColour, previewManifest, promotedTemplate } from './candidate.js';
import { identityOf } from './revision.js';
import { templateHash } from './template-hash.js';

const context = writeContext(systemClock);
const labels = { app: 'web', tier: 'front' };
const stable = deployment({
  labels,
  ownLabels: { team: 'shop', 'argocd.argoproj.io/instance': 'x', 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'web', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
});
const two = workload({ stable, services: [service('web', { app: 'web' }), service('web-internal', labels)] });
const template = { ...stable.spec.template, spec: { containers: [container({ image: 'registry/web:2.0.0' })] } };

const make = (isolated: boolean, on: Workload = two): Deployment =>
  candidateManifest({ workload: on, template, replicas: 2, isolated, hash: 'h', context }) as Deployment;

test('a candidate by replicas has all labels of stable, so that it joins the Services', () => {
  const made = make(false);
  expect(made.metadata.name).toBe('web-candidate');
  expect(made.spec.template.metadata?.labels).toEqual({ ...labels, 'shepherd.dev/track': 'candidate' });
  expect(made.spec.selector.matchLabels).toEqual({ ...labels, 'shepherd.dev/track': 'candidate' });
});

test('an isolated candidate differs in one key that all Services have', () => {
  expect(isolatingKeys(two.services)).toEqual(['app']);
  const made = make(true);
  expect(made.spec.template.metadata?.labels).toEqual({ app: 'web-candidate', tier: 'front', 'shepherd.dev/track': 'candidate' });
  expect(made.spec.selector.matchLabels).toMatchObject({ app: 'web-candidate' });
});

test('an adopted app is told apart by the track alone; without a common key each Service has its own', () => {
  expect(isolatingKeys([service('a', { app: 'web', 'shepherd.dev/track': 'stable' })])).toEqual(['shepherd.dev/track']);
  expect(isolatingKeys([service('a', { a: '1' }), service('b', { b: '1' })])).toEqual(['a', 'b']);
});

test('nothing by which helm, Argo CD, Flux or kubectl would take it for theirs', () => {
  const { metadata, spec } = make(true);
  expect(metadata.labels).toEqual({
    team: 'shop',
    app: 'web-candidate',
    'shepherd.dev/track': 'candidate',
    'app.kubernetes.io/name': 'web',
    'app.kubernetes.io/instance': 'web',
    'app.kubernetes.io/version': '2.0.0',
    'app.kubernetes.io/component': 'candidate',
    'app.kubernetes.io/part-of': 'web',
    'app.kubernetes.io/managed-by': 'shepherd',
  });
  expect(Object.keys(metadata.annotations ?? {}).every((key) => key.startsWith('shepherd.dev/'))).toBe(true);
  expect(metadata.ownerReferences).toBeUndefined();
  expect(spec.template.metadata?.annotations).toEqual({});
});

test.each([true, false])('promoted it has the labels and the hash that stable has after a rolling release (isolated: %s)', (isolated) => {
  const beside: Workload = { ...two, candidate: make(isolated) };
  const promoted = promotedTemplate(beside);
  expect(promoted.metadata?.labels).toEqual(labels);
  expect(templateHash(promoted, identityOf(beside))).toBe(templateHash(template, identityOf(two)));
  expect(templateHash(make(isolated).spec.template, identityOf(beside))).toBe(templateHash(template, identityOf(two)));
});

test('the other colour has every label of its own colour, and the same hash', () => {
  const blue = deployment({ name: 'web-blue', labels: { app: 'web', slot: 'web-blue' } });
  const pair = workload({ stable: blue, services: [service('web', { app: 'web', slot: 'web-blue' })], roles: 'swap' });
  const green = otherColour({ workload: pair, template: blue.spec.template, replicas: 3, hash: 'h', context }) as Deployment;
  expect(green.metadata.name).toBe('web-green');
  expect(green.spec.template.metadata?.labels).toEqual({ app: 'web', slot: 'web-green' });
  expect(green.spec.selector.matchLabels).toEqual({ app: 'web', slot: 'web-green' });
  expect(templateHash(green.spec.template, identityOf(pair))).toBe(templateHash(blue.spec.template, identityOf(pair)));
});

test('a preview reaches the same ports of the candidate alone', () => {
  const made = previewManifest(service('web', { app: 'web' }), { app: 'web-candidate' }, 'web', context) as Service;
  expect(made.metadata).toMatchObject({ name: 'web-preview', labels: { 'shepherd.dev/preview': 'web' } });
  expect(made.spec).toMatchObject({ selector: { app: 'web-candidate' }, ports: [{ port: 80, targetPort: 8080 }] });
});
