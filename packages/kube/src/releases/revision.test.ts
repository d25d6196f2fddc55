import { expect, test } from 'vitest';
import { container, deployment, replicaSet, workload } from '../__fixtures__/make.js';
import { identityOf, revisionOf, revisionsOf } from './revision.js';
import { templateHash } from './template-hash.js';

const of = (image: string): ReturnType<typeof deployment> => deployment({ containers: [container({ image })] });
const stable = of('registry/web:3');
const set = (image: string, revision: string, annotations: Record<string, string> = {}): ReturnType<typeof replicaSet> =>
  replicaSet(stable, { template: of(image).spec.template, revision, hash: `h${revision}`, annotations });

test('the newest first by revision, each release once under the hash that stable has for it', () => {
  const app = workload({ stable });
  const found = revisionsOf(app, [
    set('registry/web:1', '2'),
    set('registry/web:3', '4'),
    set('registry/web:1', '1'),
    set('registry/web:2', '3', { 'shepherd.dev/bad': 'it crashed' }),
  ]);
  expect(found.map(({ revision: { images, verified, bad } }) => [images[0], verified, bad])).toEqual([
    ['registry/web:3', true, undefined],
    ['registry/web:2', false, 'it crashed'],
    ['registry/web:1', true, undefined],
  ]);
  expect(found[0]?.revision.hash).toBe(revisionOf(app, stable).hash);
});

test('ReplicaSets of others are none of its revisions', () => {
  expect(revisionsOf(workload({ stable }), [replicaSet(deployment({ name: 'other' }))])).toEqual([]);
});

test('a hash names what runs: not who it belongs to, but everything else', () => {
  const hash = (template: object): string => templateHash(template as never, identityOf(workload()));
  const base = { metadata: { labels: { app: 'web', team: 'a' } }, spec: { containers: [{ name: 'web', image: 'a:1' }] } };
  const same = {
    spec: { containers: [{ image: 'a:1', name: 'web' }] },
    metadata: { creationTimestamp: null, labels: { team: 'a', app: 'web-candidate', 'pod-template-hash': 'x', 'shepherd.dev/track': 'candidate' } },
  };
  expect(hash(same)).toBe(hash(base));
  expect(hash({ ...base, metadata: { labels: { app: 'web', team: 'b' } } })).not.toBe(hash(base));
  expect(hash({ ...base, metadata: { ...base.metadata, annotations: { 'kubectl.kubernetes.io/restartedAt': '1' } } })).not.toBe(hash(base));
  expect(hash({ ...base, spec: { containers: [{ name: 'web', image: 'a:2' }] } })).not.toBe(hash(base));
});
