import { describe, expect, it } from 'vitest';
import type { Wire } from '../json.js';
import { typeOfKind } from '../schema/schema.js';
import { strategicMerge } from './strategic-merge.js';

const node = typeOfKind('Deployment');
const pod = (spec: Wire): Wire => ({ spec: { template: { spec } } });
const merged = (live: Wire, patch: Wire): Wire => strategicMerge(pod(live), pod(patch), node).spec.template.spec;

describe('strategic merge patch', () => {
  it.each<[string, Wire, Wire, Wire]>([
    [
      'containers by name',
      {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
      { containers: [{ name: 'b', image: '2' }] },
      {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    ],
    [
      'new items in the order of the patch',
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '1' },
            ],
          },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'A', value: '2' },
              { name: 'C', value: '3' },
            ],
          },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'A', value: '2' },
              { name: 'C', value: '3' },
              { name: 'B', value: '1' },
            ],
          },
        ],
      },
    ],
    [
      'deleted items',
      { containers: [{ name: 'a', ports: [{ containerPort: 1 }, { containerPort: 2 }] }], volumes: [{ name: 'v' }] },
      { containers: [{ name: 'a', ports: [{ containerPort: 1, $patch: 'delete' }] }], volumes: [{ name: 'v', $patch: 'delete' }] },
      { containers: [{ name: 'a', ports: [{ containerPort: 2 }] }], volumes: [] },
    ],
    ['a replaced list', { containers: [{ name: 'a' }] }, { containers: [{ $patch: 'replace' }, { name: 'b' }] }, { containers: [{ name: 'b' }] }],
    ['a replaced map', { nodeSelector: { a: '1', b: '2' } }, { nodeSelector: { $patch: 'replace', c: '3' } }, { nodeSelector: { c: '3' } }],
    [
      'lists without a key, whole',
      { tolerations: [{ key: 'a' }], containers: [{ name: 'a', args: ['1'] }] },
      { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['2'] }] },
      { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['2'] }] },
    ],
    [
      'an order',
      { containers: [{ name: 'a' }] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b' }] },
      { containers: [{ name: 'b' }, { name: 'a' }] },
    ],
    [
      'null as deletion',
      { hostname: 'x', containers: [{ name: 'a', image: '1' }] },
      { hostname: null, containers: [{ name: 'a', image: null }] },
      { containers: [{ name: 'a' }] },
    ],
    [
      'volume mounts by path',
      { containers: [{ name: 'a', volumeMounts: [{ name: 'v', mountPath: '/a' }] }] },
      { containers: [{ name: 'a', volumeMounts: [{ name: 'v', mountPath: '/b' }] }] },
      {
        containers: [
          {
            name: 'a',
            volumeMounts: [
              { name: 'v', mountPath: '/b' },
              { name: 'v', mountPath: '/a' },
            ],
          },
        ],
      },
    ],
  ])('merges %s', (_, live, patch, expected) => {
    expect(merged(live, patch)).toEqual(expected);
  });

  it('keeps only named fields under $retainKeys', () => {
    const live = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    expect(strategicMerge(live, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, node)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    });
  });

  it('merges lists of scalars as sets and takes items out of them', () => {
    const live = { metadata: { finalizers: ['a', 'b'] } };
    expect(strategicMerge(live, { metadata: { finalizers: ['c', 'a'] } }, node).metadata.finalizers.toSorted()).toEqual(['a', 'b', 'c']);
    expect(strategicMerge(live, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }, node)).toEqual({ metadata: { finalizers: ['b'] } });
  });

  it.each([
    [{ containers: [{ image: 'a' }] }, 'map: map[image:a] does not contain declared merge key: name'],
    [{ containers: [{ name: 'a', $patch: 'bogus' }] }, 'unknown patch type: bogus in map: map[$patch:bogus name:a]'],
  ])('refuses %j', (patch, message) => {
    expect(() => merged({ containers: [{ name: 'a' }] }, patch)).toThrow(message);
  });
});
