import { describe, expect, it } from 'vitest';
import { isSettled } from './settled.js';

const current = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', uid: 'u', resourceVersion: '9', annotations: { a: '1' } },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:2', ports: [{ containerPort: 80, protocol: 'TCP' }] },
          { name: 'log', image: 'log:1' },
        ],
      },
    },
  },
};

describe('isSettled', () => {
  it('sees a merge patch that has landed, whatever its precondition was', () => {
    expect(isSettled('merge', { metadata: { resourceVersion: '8', annotations: { a: '1', gone: null } }, spec: { replicas: 3 } }, current)).toBe(true);
    expect(isSettled('merge', { metadata: { resourceVersion: '8' }, spec: { replicas: 3 } }, current)).toBe(true);
    expect(isSettled('merge', { spec: { replicas: 4 } }, current)).toBe(false);
    expect(isSettled('merge', { metadata: { annotations: { a: null } } }, current)).toBe(false);
  });

  it('finds containers of a strategic patch by name', () => {
    expect(isSettled('strategic', { spec: { template: { spec: { containers: [{ name: 'log', image: 'log:1' }] } } } }, current)).toBe(true);
    expect(isSettled('strategic', { spec: { template: { spec: { containers: [{ name: 'log', image: 'log:2' }] } } } }, current)).toBe(false);
    expect(isSettled('strategic', { spec: { $patch: 'replace', replicas: 3 } }, current)).toBe(false);
    expect(isSettled('merge', { spec: { template: { spec: { containers: [{ name: 'log' }] } } } }, current)).toBe(false);
  });

  it('allows what the server filled in, and leaves out what it leaves out', () => {
    expect(
      isSettled('create', { ...current, metadata: { name: 'web' }, spec: { replicas: 3, paused: undefined, selector: {} }, status: { replicas: 9 } }, current),
    ).toBe(true);
    expect(isSettled('create', { ...current, spec: { ...current.spec, template: { spec: { containers: [] } } } }, current)).toBe(false);
    expect(isSettled('replace', { ...current, metadata: { ...current.metadata, resourceVersion: '1' } }, current)).toBe(true);
  });

  it('looks at each place of a JSON Patch', () => {
    const test = { op: 'test', path: '/metadata/name', value: 'other' };
    expect(isSettled('json', [test, { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'web:2' }], current)).toBe(true);
    expect(isSettled('json', [{ op: 'add', path: '/metadata/annotations/a~1b', value: '1' }], current)).toBe(false);
    expect(isSettled('json', [{ op: 'remove', path: '/metadata/annotations/b' }], current)).toBe(true);
    expect(isSettled('json', [{ op: 'add', path: '/spec/template/spec/containers/-', value: { name: 'log', image: 'log:1' } }], current)).toBe(false);
    expect(isSettled('json', [{ op: 'move', from: '/a', path: '/b' }], current)).toBe(false);
  });
});
