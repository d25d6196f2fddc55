import { expect, test } from 'vitest';
import { peaksOf } from './watch-pods.js';

const set = (version: number, uid: string, wants: number) => ({ version, uid, now: { wants } });
const pod = (version: number, uid: string, owner: string | undefined) => ({ version, uid, now: { owner } });
const start = [set(1, 'old', 2), set(2, 'new', 0), pod(3, 'a', 'old'), pod(4, 'b', 'old')];

test('a pod that its ReplicaSet wants no more is not counted, in whatever order the two watches told of it', () => {
  // new creates before old deletes.
  const changes = [...start, set(5, 'old', 1), set(6, 'new', 1), pod(7, 'c', 'new'), pod(8, 'b', undefined)];
  for (const told of [changes, changes.toReversed()]) expect(peaksOf(told)).toEqual({ peak: 2, peakWanted: 2, peakWithEnding: 3 });
});

test('more than was to be wanted shows, before its pods are there and with them', () => {
  const asked = [...start, set(5, 'new', 2)];
  expect(peaksOf(asked)).toMatchObject({ peak: 2, peakWanted: 4 });
  expect(peaksOf([...asked, pod(6, 'c', 'new'), pod(7, 'd', 'new')])).toMatchObject({ peak: 4, peakWanted: 4 });
});

test('pods of nobody, and of a ReplicaSet that is gone, count', () => {
  expect(peaksOf([pod(1, 'x', 'x'), pod(2, 'y', 'gone')])).toMatchObject({ peak: 2 });
  expect(peaksOf([...start, { version: 9, uid: 'old', now: undefined }])).toMatchObject({ peak: 2 });
});
