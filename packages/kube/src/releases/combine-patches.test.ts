import { expect, test } from 'vitest';
import { combinePatches, withoutNulls } from './combine-patches.js';

test('entries of one name become one, field by field; others stay beside them', () => {
  const a = {
    spec: {
      containers: [
        {
          name: 'web',
          image: 'a',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '1' },
          ],
        },
        { name: 'side', image: 's' },
      ],
    },
  };
  const b = {
    spec: {
      containers: [
        {
          name: 'web',
          env: [
            { name: 'B', value: '2' },
            { name: 'C', value: '3' },
          ],
        },
      ],
      terminationGracePeriodSeconds: 40,
    },
  };
  expect(combinePatches(a, b)).toEqual({
    spec: {
      containers: [
        {
          name: 'web',
          image: 'a',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
            { name: 'C', value: '3' },
          ],
        },
        { name: 'side', image: 's' },
      ],
      terminationGracePeriodSeconds: 40,
    },
  });
});

test('lists without a key are taken as they are, and nothing given changes nothing', () => {
  expect(combinePatches({ spec: { args: ['a', 'b'] } }, { spec: { args: ['c'] } })).toEqual({ spec: { args: ['c'] } });
  expect(combinePatches({ spec: { containers: [{ name: 'web' }] } }, {})).toEqual({ spec: { containers: [{ name: 'web' }] } });
});

test('a null asks to delete, and is gone from what is stored', () => {
  const combined = combinePatches({ env: [{ name: 'A', valueFrom: { secretKeyRef: {} } }] }, { env: [{ name: 'A', value: '1', valueFrom: null }] });
  expect(combined).toEqual({ env: [{ name: 'A', value: '1', valueFrom: null }] });
  expect(withoutNulls(combined)).toEqual({ env: [{ name: 'A', value: '1' }] });
});
