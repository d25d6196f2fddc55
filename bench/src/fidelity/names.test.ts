import { expect, it } from 'vitest';
import { Names } from './names.js';

const uid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

it('gives the same thing the same name and other things others', () => {
  const names = new Names();
  const first = names.of({ metadata: { uid: uid(7), resourceVersion: '10' } });
  const owned = names.of({ metadata: { uid: uid(3), resourceVersion: '11', ownerReferences: [{ uid: uid(7) }] } });
  expect(first.metadata).toEqual({ uid: 'uid-1', resourceVersion: 'version-1' });
  expect(owned.metadata).toMatchObject({ ownerReferences: [{ uid: 'uid-1' }], uid: 'uid-2' });
  expect(names.of({ metadata: { uid: uid(7), resourceVersion: '12' } }).metadata.resourceVersion).toBe('version-2');
  expect(names.of({ metadata: { uid: uid(7), resourceVersion: '10' } }).metadata.resourceVersion).toBe('version-1');
});

it('knows generated names wherever they stand', () => {
  const names = new Names();
  const pod = { metadata: { name: 'web-6b7f-x2x2x', generateName: 'web-6b7f-', labels: { 'pod-template-hash': '6b7f' } } };
  expect(names.of(pod).metadata.name).toBe('web-hash-1-suffix-1');
  expect(names.of('pods "web-6b7f-x2x2x" not found at 2026-01-01T00:00:00Z from 10.1.2.3')).toBe('pods "web-hash-1-suffix-1" not found at TIME from ip-1');
});

it('does not hide a wrong value', () => {
  const names = new Names();
  expect(names.of({ spec: { replicas: 3 }, message: 'expected 3' })).toEqual({ spec: { replicas: 3 }, message: 'expected 3' });
});
